namespace Plastic.Engine;

/// <summary>Not a device: it counts the memory that one with the same limits would be asked for, and refuses a buffer that is too large.</summary>
internal sealed class CountedDevice(DeviceFacts facts) : IDevice
{
    public DeviceFacts Facts => facts;

    /// <summary>Bytes that were asked for so far.</summary>
    public long Bytes { get; private set; }

    public IKernels Compile(KernelSource source, IEnumerable<string> defined) => new NoKernels();

    public DeviceBuffer Allocate(long floats, string what)
    {
        var taken = DeviceBuffer.Taken(floats);
        if (taken > facts.LargestBytes / sizeof(float))
        {
            throw new DeviceException(
                DeviceFault.Memory,
                $"{facts.Name} ({facts.Model}) holds at most {facts.LargestBytes >> 20} MB in one piece, and {taken * sizeof(float) >> 20} MB "
                + $"are needed for {what}: try a smaller hidden or batch");
        }
        Bytes += taken * sizeof(float);
        return new DeviceBuffer(0, taken, _ => { });
    }

    public HostMemory Stage(int floats) => new(0, 0, _ => { });

    public void Write(DeviceBuffer to, ReadOnlySpan<float> values)
    {
    }

    public void Fill(DeviceBuffer to, float value)
    {
    }

    public void Read(DeviceBuffer from, long start, Span<float> values) => throw Nothing();

    public void StartWrite(DeviceBuffer to, HostMemory from) => throw Nothing();

    public DeviceCopy StartRead(DeviceBuffer from, HostMemory to) => throw Nothing();

    public void Launch(DeviceKernel kernel, long groups, params ReadOnlySpan<KernelArgument> arguments) => throw Nothing();

    public (int? Registers, int? SpillBytes) Look(DeviceKernel kernel) => throw Nothing();

    public void Wait()
    {
    }

    public void Dispose()
    {
    }

    private static InvalidOperationException Nothing() => new("a device that only counts runs nothing");

    private sealed class NoKernels : IKernels
    {
        public DeviceKernel this[string name] => throw Nothing();

        public void Dispose()
        {
        }
    }
}
