using System.Text;

namespace Plastic.Engine;

/// <summary>The OpenCL devices of this machine.</summary>
internal static unsafe class OpenClPlatforms
{
    /// <summary>Every device, with its handle, in the order of the platforms.</summary>
    /// <exception cref="DeviceException">The library is missing.</exception>
    public static IReadOnlyList<(nint Handle, DeviceFacts Facts)> Devices()
    {
        var found = new List<(nint, DeviceFacts)>();
        foreach (var platform in Platforms())
        {
            var name = Text((uint what, nuint size, void* value, out nuint needed) =>
                OpenCl.GetPlatformInfo(platform, what, size, value, out needed), OpenCl.PlatformName);
            if (OpenCl.GetDevices(platform, OpenCl.AllDevices, 0, null, out var count) != 0) continue;
            var devices = new nint[count];
            fixed (nint* to = devices)
            {
                if (OpenCl.GetDevices(platform, OpenCl.AllDevices, count, to, out _) != 0) continue;
            }
            foreach (var device in devices) found.Add((device, FactsOf(device, $"opencl:{found.Count}", name)));
        }
        return found;
    }

    /// <summary>A number of a device.</summary>
    public static ulong Number(nint device, uint what)
    {
        // Devices write four or eight bytes, the lowest first.
        ulong value = 0;
        return OpenCl.GetDeviceInfo(device, what, sizeof(ulong), &value, out _) == 0 ? value : 0;
    }

    /// <summary>A text about a device.</summary>
    public static string Text(nint device, uint what) =>
        Text((uint about, nuint size, void* value, out nuint needed) => OpenCl.GetDeviceInfo(device, about, size, value, out needed), what);

    /// <summary>A text that the library knows the length of.</summary>
    public static string Text(Ask ask, uint what)
    {
        if (ask(what, 0, null, out var size) != 0 || size == 0) return "";
        var bytes = new byte[size];
        fixed (byte* to = bytes)
        {
            return ask(what, size, to, out _) == 0 ? Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim() : "";
        }
    }

    /// <summary>Asks the library for something.</summary>
    public delegate int Ask(uint what, nuint size, void* value, out nuint needed);

    private static nint[] Platforms()
    {
        try
        {
            if (OpenCl.GetPlatforms(0, null, out var count) != 0) return [];
            var platforms = new nint[count];
            fixed (nint* to = platforms)
            {
                return OpenCl.GetPlatforms(count, to, out _) == 0 ? platforms : [];
            }
        }
        catch (DllNotFoundException)
        {
            throw new DeviceException(
                DeviceFault.NoLibrary, $"OpenCL cannot be used: {OpenCl.Library} is not installed (in Debian: ocl-icd-libopencl1)");
        }
    }

    private static DeviceFacts FactsOf(nint device, string name, string platform) => new(
        name,
        Text(device, OpenCl.DeviceName),
        platform,
        (Number(device, OpenCl.DeviceType) & OpenCl.CpuType) != 0,
        (int)Number(device, OpenCl.DeviceUnits),
        (long)Number(device, OpenCl.DeviceGroupSize),
        (long)Number(device, OpenCl.DeviceLocalMemory),
        (long)Number(device, OpenCl.DeviceMemory),
        (long)Number(device, OpenCl.DeviceLargestBuffer),
        Number(device, OpenCl.DeviceDoubleConfig) != 0);
}
