using System.Diagnostics;

namespace Plastic.Engine;

/// <summary>
/// A device whose kernels are timed: each launch is repeated until it has taken long enough to be measured. What the kernels leave behind is
/// not that of a run, since some of them change what they read.
/// </summary>
/// <param name="device">The device, which it does not own.</param>
/// <param name="least">Seconds that the launches of a kernel take together at least.</param>
internal sealed class TimedDevice(IDevice device, double least) : IDevice
{
    /// <summary>What the last launch of each kernel took, in the order of the first.</summary>
    public List<KernelTime> Times { get; } = [];

    public DeviceFacts Facts => device.Facts;

    public IKernels Compile(KernelSource source, IEnumerable<string> defined) => device.Compile(source, defined);

    public DeviceBuffer Allocate(long floats, string what) => device.Allocate(floats, what);

    public void Write(DeviceBuffer to, ReadOnlySpan<float> values) => device.Write(to, values);

    public void Read(DeviceBuffer from, long start, Span<float> values) => device.Read(from, start, values);

    public HostMemory Stage(int floats) => device.Stage(floats);

    public void StartWrite(DeviceBuffer to, HostMemory from) => device.StartWrite(to, from);

    public DeviceCopy StartRead(DeviceBuffer from, HostMemory to) => device.StartRead(from, to);

    public void Fill(DeviceBuffer to, float value) => device.Fill(to, value);

    public void Launch(DeviceKernel kernel, long groups, params ReadOnlySpan<KernelArgument> arguments)
    {
        // The first launch may still load something.
        device.Launch(kernel, groups, arguments);
        device.Wait();
        var (count, seconds) = (1L, 0.0);
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            for (var k = 0L; k < count; k++) device.Launch(kernel, groups, arguments);
            device.Wait();
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (seconds >= least) break;
            count *= 2;
        }
        var (registers, spills) = device.Look(kernel);
        Times.RemoveAll(time => time.Kernel == kernel.Name);
        Times.Add(new KernelTime(kernel.Name, groups, seconds / count, kernel.LocalBytes, registers, spills));
    }

    public (int? Registers, int? SpillBytes) Look(DeviceKernel kernel) => device.Look(kernel);

    public void Wait() => device.Wait();

    public void Dispose()
    {
    }
}
