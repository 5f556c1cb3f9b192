using Plastic.Engine;

namespace Plastic.Host;

/// <summary>The devices that this program's kernels run on. What they compile to is kept in the user's cache.</summary>
internal static class KernelDevices
{
    /// <summary>Opens one by name; null for the CPU, which has none.</summary>
    /// <exception cref="DeviceException">As for <see cref="Open"/>.</exception>
    /// <exception cref="PlasticException">As for <see cref="Open"/>.</exception>
    public static IDevice? OpenOrCpu(string name) => name.Length == 0 ? null : Open(name);

    /// <summary>Opens one by name: opencl, cuda, or one of several, such as cuda:1.</summary>
    /// <exception cref="DeviceException">A library is not installed, there is no such device, or it cannot be opened.</exception>
    /// <exception cref="PlasticException">The cache is not the user's own.</exception>
    public static IDevice Open(string name) =>
        Devices.Open(name, CacheFolder.Find() is { } folder ? Path.Combine(folder, "kernels") : null);
}
