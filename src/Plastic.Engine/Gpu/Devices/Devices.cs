using System.Globalization;

namespace Plastic.Engine;

/// <summary>The devices that kernels can run on. Nothing is loaded before it is asked for.</summary>
public static class Devices
{
    /// <summary>Every device of this machine.</summary>
    /// <exception cref="DeviceException">The library that reaches them is not installed.</exception>
    public static IReadOnlyList<DeviceFacts> All() => [.. OpenClPlatforms.Devices().Select(device => device.Facts)];

    /// <summary>Opens a device.</summary>
    /// <param name="name">opencl for the first one, or opencl:N as <see cref="All"/> names it.</param>
    /// <exception cref="DeviceException">The library is not installed, there is no such device, or it cannot be opened.</exception>
    public static IDevice Open(string name)
    {
        var all = OpenClPlatforms.Devices();
        var asked = name == "opencl" ? "opencl:0" : name;
        var index = all.ToList().FindIndex(device => device.Facts.Name == asked);
        if (index < 0)
        {
            var found = all.Count == 0
                ? "OpenCL finds none (a driver is missing; in Debian pocl-opencl-icd runs kernels on the CPU)"
                : $"there are {string.Join(", ", all.Select(device => $"{device.Facts.Name} ({device.Facts.Model})"))}";
            throw new DeviceException(DeviceFault.NoDevice, $"no device {name}: {found}");
        }
        var (handle, facts) = all[index];
        if (facts.GroupSize < Prelude.GroupSize)
        {
            throw new DeviceException(DeviceFault.NoDevice, string.Create(
                CultureInfo.InvariantCulture,
                $"{facts.Name} ({facts.Model}) runs at most {facts.GroupSize} threads in a group; the kernels need {Prelude.GroupSize}"));
        }
        return new OpenClDevice(handle, facts);
    }
}
