using System.Globalization;

namespace Plastic.Engine;

/// <summary>The devices that kernels can run on. Nothing is loaded before it is asked for.</summary>
public static class Devices
{
    private static readonly DeviceKind[] Kinds =
    [
        new(
            "cuda", "CUDA finds no card", CudaCards.Devices, (handle, facts, cache) => new CudaDevice(handle, facts, cache)),
        new(
            "opencl", "OpenCL finds none (a driver is missing; in Debian pocl-opencl-icd runs kernels on the CPU)",
            OpenClPlatforms.Devices, (handle, facts, cache) => new OpenClDevice(handle, facts, cache)),
    ];

    /// <summary>Every device of this machine.</summary>
    /// <exception cref="DeviceException">No library that reaches devices is installed, or none works.</exception>
    public static IReadOnlyList<DeviceFacts> All() => All(out _);

    /// <summary>Every device of this machine, and why there are none of some kind.</summary>
    /// <param name="missing">A line for each kind of which there are none.</param>
    /// <exception cref="DeviceException">No library that reaches devices is installed, or none works.</exception>
    public static IReadOnlyList<DeviceFacts> All(out IReadOnlyList<string> missing)
    {
        var (found, lines, faults) = (new List<DeviceFacts>(), new List<string>(), new List<DeviceException>());
        foreach (var kind in Kinds)
        {
            try
            {
                var all = kind.All();
                found.AddRange(all.Select(device => device.Facts));
                if (all.Count == 0) lines.Add(kind.None);
            }
            catch (DeviceException fault)
            {
                faults.Add(fault);
                lines.Add(fault.Message);
            }
        }
        if (faults.Count == Kinds.Length) throw new DeviceException(faults[0].Fault, string.Join("; ", lines));
        missing = lines;
        return found;
    }

    /// <summary>Opens a device.</summary>
    /// <param name="name">cuda or opencl for the first one of its kind, or cuda:N or opencl:N as <see cref="All()"/> names it.</param>
    /// <param name="cache">A folder for what kernels compile to, where nobody else may write; null for none.</param>
    /// <exception cref="DeviceException">A library is not installed, there is no such device, or it cannot be opened.</exception>
    public static IDevice Open(string name, string? cache = null)
    {
        var kind = Array.Find(Kinds, kind => name.Split(':')[0] == kind.Name)
            ?? throw new DeviceException(DeviceFault.NoDevice, $"no device {name}: there are {string.Join(" and ", Kinds.Select(kind => kind.Name))}");
        var all = kind.All();
        var index = all.ToList().FindIndex(device => device.Facts.Name == (name == kind.Name ? $"{name}:0" : name));
        if (index < 0)
        {
            var found = all.Count == 0
                ? kind.None
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
        return kind.Open(handle, facts, new KernelCache(cache));
    }

    /// <summary>Devices that are reached in the same way.</summary>
    /// <param name="Name">What their names begin with.</param>
    /// <param name="None">What is said where the library finds none.</param>
    /// <param name="All">Each, by the library's handle.</param>
    /// <param name="Open">Opens one.</param>
    private sealed record DeviceKind(
        string Name, string None, Func<IReadOnlyList<(nint Handle, DeviceFacts Facts)>> All, Func<nint, DeviceFacts, KernelCache, IDevice> Open);
}
