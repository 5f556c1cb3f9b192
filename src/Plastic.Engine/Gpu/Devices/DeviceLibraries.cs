using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>
/// How the libraries that reach devices are found when they are first asked for: by the names under which the system knows them, and CUDA's
/// compiler as <see cref="NvrtcLibrary"/> has chosen it.
/// </summary>
internal static class DeviceLibraries
{
    static DeviceLibraries() => NativeLibrary.SetDllImportResolver(
        typeof(DeviceLibraries).Assembly,
        (name, _, _) => name == Nvrtc.Library ? NvrtcLibrary.Chosen : NativeLibrary.TryLoad(name, out var found) ? found : 0);

    /// <summary>Has the imports of this assembly resolved here.</summary>
    public static void Use()
    {
    }
}
