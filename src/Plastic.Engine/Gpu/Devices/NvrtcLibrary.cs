using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>
/// Which of the versions of NVRTC that are installed compiles: the newest that the driver understands, since a driver refuses what a compiler of
/// a later CUDA makes.
/// </summary>
internal static unsafe class NvrtcLibrary
{
    /// <summary>Its names, the newest first; that of CUDA 11 goes by 11.2 from 11.3 on.</summary>
    private static readonly string[] Names = [Nvrtc.Library, "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];

    /// <summary>The library that the imports of <see cref="Nvrtc"/> go to; 0 while none is chosen.</summary>
    public static nint Chosen { get; private set; }

    /// <summary>Chooses one: by the names that the system knows, then in the folders of CUDA's toolkit.</summary>
    /// <param name="device">The device that it is for, for messages.</param>
    /// <param name="driver">What CUDA's driver says of its version: 12040 for 12.4.</param>
    /// <exception cref="DeviceException">None is installed, or only such as are newer than the driver.</exception>
    public static void Require(string device, int driver)
    {
        if (Chosen != 0) return;
        var folders = Folders();
        var newer = int.MaxValue;
        foreach (var file in Names.Concat(folders.SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))))
        {
            if (!NativeLibrary.TryLoad(file, out var found)) continue;
            var major = Major(found);
            if (major <= driver / 1000)
            {
                Chosen = found;
                return;
            }
            newer = Math.Min(newer, major);
            NativeLibrary.Free(found);
        }
        throw newer < int.MaxValue
            ? new DeviceException(
                DeviceFault.NoDevice,
                $"{device} cannot be used: NVRTC {newer} is newer than the driver (CUDA {driver / 1000}.{driver % 1000 / 10}): "
                + $"install one of CUDA {driver / 1000}")
            : new DeviceException(
                DeviceFault.NoLibrary,
                $"{device} cannot be used: NVRTC, CUDA's compiler, is not installed: looked for {string.Join(", ", Names)} "
                + $"where the system looks, and in {string.Join(" and ", folders)} "
                + "(CUDA's toolkit has it, and PyTorch's CUDA packages; LD_LIBRARY_PATH or CUDA_HOME names its folder)");
    }

    // A library that does not tell its version is none.
    private static int Major(nint library)
    {
        int major, minor;
        return NativeLibrary.TryGetExport(library, "nvrtcVersion", out var ask) && ((delegate* unmanaged<int*, int*, int>)ask)(&major, &minor) == 0
            ? major
            : int.MaxValue;
    }

    private static string[] Folders() =>
    [
        .. new[] { Environment.GetEnvironmentVariable("CUDA_HOME"), Environment.GetEnvironmentVariable("CUDA_PATH"), "/usr/local/cuda" }
            .Where(folder => !string.IsNullOrEmpty(folder)).Select(folder => Path.Combine(folder!, "lib64")).Distinct(),
    ];
}
