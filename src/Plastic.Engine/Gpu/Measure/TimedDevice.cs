using System.Diagnostics;

namespace Plastic.Engine;

/// <summary>
/// A device whose kernels are timed: each launch is repeated until it has taken long enough to be measured. What the kernels leave behind is
/// not that of a run, since some of them change what they read.
/// </summary>
/// <param name="device">The device, which it does not own.</param>
/// <param name="least">Seconds that the launches of a kernel take together at least.</param>
internal sealed class TimedDevice(IDevice device, double least) : WrappedDevice(device)
{
    /// <summary>What the last launch of each kernel took, in the order of the first.</summary>
    public List<KernelTime> Times { get; } = [];

    public override void Launch(DeviceKernel kernel, long groups, params ReadOnlySpan<KernelArgument> arguments)
    {
        // The first launch may still load something.
        base.Launch(kernel, groups, arguments);
        Wait();
        var (count, seconds) = (1L, 0.0);
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            for (var k = 0L; k < count; k++) base.Launch(kernel, groups, arguments);
            Wait();
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (seconds >= least) break;
            count *= 2;
        }
        var (registers, spills) = Look(kernel);
        Times.RemoveAll(time => time.Kernel == kernel.Name);
        Times.Add(new KernelTime(kernel.Name, groups, seconds / count, kernel.LocalBytes, registers, spills));
    }

    public override void Dispose()
    {
    }
}
