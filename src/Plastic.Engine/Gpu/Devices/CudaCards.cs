using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>NVIDIA's cards of this machine.</summary>
internal static unsafe class CudaCards
{
    /// <summary>Every card, with its handle.</summary>
    /// <exception cref="DeviceException">The driver is not installed, or does not work.</exception>
    public static IReadOnlyList<(nint Handle, DeviceFacts Facts)> Devices()
    {
        int error;
        try
        {
            error = Cuda.Start(0);
        }
        catch (DllNotFoundException)
        {
            throw new DeviceException(DeviceFault.NoLibrary, $"CUDA cannot be used: {Cuda.Library} is not installed (NVIDIA's driver has it)");
        }
        if (error == Cuda.NoDevice) return [];
        Require(error);
        Require(Cuda.GetCount(out var count));
        var version = Version;
        var found = new List<(nint, DeviceFacts)>();
        for (var k = 0; k < count; k++)
        {
            Require(Cuda.GetDevice(out var device, k));
            found.Add((device, FactsOf(device, $"cuda:{k}", $"CUDA {version / 1000}.{version % 1000 / 10}")));
        }
        return found;
    }

    /// <summary>The newest CUDA that the driver understands: 12040 for 12.4.</summary>
    /// <exception cref="DeviceException">The driver does not work.</exception>
    public static int Version
    {
        get
        {
            Require(Cuda.GetVersion(out var version));
            return version;
        }
    }

    /// <summary>A number of a card.</summary>
    /// <exception cref="DeviceException">The driver does not work.</exception>
    public static int Number(nint device, int what)
    {
        Require(Cuda.GetAttribute(out var value, what, (int)device));
        return value;
    }

    /// <summary>An error's name, and its number.</summary>
    public static string ErrorName(int error) =>
        Cuda.GetErrorName(error, out var text) == 0 && Marshal.PtrToStringUTF8(text) is { } name ? $"{name}, {error}" : $"CUDA's code {error}";

    private static DeviceFacts FactsOf(int device, string name, string platform)
    {
        const int room = 256;
        var bytes = stackalloc byte[room];
        Require(Cuda.GetName(bytes, room, device));
        Require(Cuda.GetMemory(out var memory, device));
        return new(
            name, Marshal.PtrToStringUTF8((nint)bytes)!, platform, IsCpu: false, Number(device, Cuda.Multiprocessors),
            Number(device, Cuda.MostThreads), Number(device, Cuda.MostLocalBytes), (long)memory, (long)memory, HasDoubles: true);
    }

    private static void Require(int error)
    {
        if (error != 0) throw new DeviceException(DeviceFault.NoDevice, $"CUDA cannot be used: NVIDIA's driver says {ErrorName(error)}");
    }
}
