using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>How the libraries that reach devices are found when they are first asked for: by the names under which the system knows them.</summary>
internal static class DeviceLibraries
{
    /// <summary>The names of CUDA's compiler, the newest first; that of CUDA 11 goes by 11.2 from 11.3 on.</summary>
    public static readonly string[] NvrtcNames = [Nvrtc.Library, "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];

    static DeviceLibraries() => NativeLibrary.SetDllImportResolver(typeof(DeviceLibraries).Assembly, (name, _, _) => Find(name));

    /// <summary>Has the imports of this assembly resolved here.</summary>
    public static void Use()
    {
    }

    /// <summary>A library by the name that its imports have; 0 where it is not installed.</summary>
    public static nint Find(string name)
    {
        foreach (var candidate in name == Nvrtc.Library ? NvrtcNames : [name])
        {
            if (NativeLibrary.TryLoad(candidate, out var found)) return found;
        }
        return 0;
    }
}
