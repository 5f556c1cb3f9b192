namespace Plastic.Engine;

/// <summary>A device behind which another one works; disposing of it disposes of that one.</summary>
internal abstract class WrappedDevice(IDevice device) : IDevice
{
    public virtual DeviceFacts Facts => device.Facts;

    public virtual IKernels Compile(KernelSource source, IEnumerable<string> defined) => device.Compile(source, defined);

    public virtual DeviceBuffer Allocate(long floats, string what) => device.Allocate(floats, what);

    public void Write(DeviceBuffer to, ReadOnlySpan<float> values) => device.Write(to, values);

    public virtual void Read(DeviceBuffer from, long start, Span<float> values) => device.Read(from, start, values);

    public virtual HostMemory Stage(int floats) => device.Stage(floats);

    public void StartWrite(DeviceBuffer to, HostMemory from) => device.StartWrite(to, from);

    public virtual DeviceCopy StartRead(DeviceBuffer from, HostMemory to) => device.StartRead(from, to);

    public void Fill(DeviceBuffer to, float value) => device.Fill(to, value);

    public virtual void Launch(DeviceKernel kernel, long groups, params ReadOnlySpan<KernelArgument> arguments) =>
        device.Launch(kernel, groups, arguments);

    public (int? Registers, int? SpillBytes) Look(DeviceKernel kernel) => device.Look(kernel);

    public void Wait() => device.Wait();

    public virtual void Dispose() => device.Dispose();
}
