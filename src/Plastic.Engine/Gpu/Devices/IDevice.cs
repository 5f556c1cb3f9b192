namespace Plastic.Engine;

/// <summary>
/// A device that runs kernels, one after the other in the order in which they are launched. Not safe for use by several threads at once.
/// </summary>
public interface IDevice : IDisposable
{
    /// <summary>What it is, and its limits.</summary>
    DeviceFacts Facts { get; }

    /// <summary>Compiles a source.</summary>
    /// <param name="defined">Names that are defined for the compiler.</param>
    /// <exception cref="DeviceException">The compiler refuses it.</exception>
    internal IKernels Compile(KernelSource source, IEnumerable<string> defined);

    /// <summary>Takes memory.</summary>
    /// <param name="floats">How much.</param>
    /// <param name="what">What for, for messages.</param>
    /// <exception cref="DeviceException">There is not enough.</exception>
    internal DeviceBuffer Allocate(long floats, string what);

    /// <summary>Copies numbers to the start of a buffer.</summary>
    internal void Write(DeviceBuffer to, ReadOnlySpan<float> values);

    /// <summary>Copies numbers from a buffer, behind the first `start`, once all that was launched has run.</summary>
    internal void Read(DeviceBuffer from, long start, Span<float> values);

    /// <summary>Takes memory of the host from and to which the device copies while the host goes on.</summary>
    internal HostMemory Stage(int floats);

    /// <summary>Begins to copy all numbers of host memory to the start of a buffer, once all that was launched before has run.</summary>
    internal void StartWrite(DeviceBuffer to, HostMemory from);

    /// <summary>Begins to copy the first numbers of a buffer, as many as fit, once all that was launched before has run.</summary>
    internal DeviceCopy StartRead(DeviceBuffer from, HostMemory to);

    /// <summary>Fills a buffer with one number.</summary>
    internal void Fill(DeviceBuffer to, float value);

    /// <summary>Runs a kernel in so many groups.</summary>
    internal void Launch(DeviceKernel kernel, long groups, params ReadOnlySpan<KernelArgument> arguments);

    /// <summary>Registers of a thread, and bytes of memory for what finds no register; null where the device does not tell.</summary>
    internal (int? Registers, int? SpillBytes) Look(DeviceKernel kernel);

    /// <summary>Waits until all that was launched has run.</summary>
    internal void Wait();
}

/// <summary>The kernels of a compiled source.</summary>
internal interface IKernels : IDisposable
{
    /// <summary>A kernel by name.</summary>
    DeviceKernel this[string name] { get; }
}

/// <summary>A kernel, by the device's handle, and bytes of local memory that a group takes.</summary>
internal readonly record struct DeviceKernel(string Name, nint Handle, int LocalBytes);

/// <summary>Memory of a device.</summary>
/// <param name="handle">The device's handle.</param>
/// <param name="floats">How much.</param>
/// <param name="release">Gives it back.</param>
internal sealed class DeviceBuffer(nint handle, long floats, Action<nint> release) : IDisposable
{
    private nint handle = handle;

    public nint Handle => handle;

    public long Floats => floats;

    /// <summary>The floats that are taken where so many are asked for: devices have no empty memory.</summary>
    public static long Taken(long floats) => Math.Max(1, floats);

    public void Dispose()
    {
        if (handle != 0) release(handle);
        handle = 0;
    }
}

/// <summary>Memory of the host that stays where it is.</summary>
/// <param name="address">Where it starts.</param>
/// <param name="floats">How much.</param>
/// <param name="release">Gives it back.</param>
internal sealed unsafe class HostMemory(nint address, int floats, Action<nint> release) : IDisposable
{
    private nint address = address;

    public nint Address => address;

    public Span<float> Values => new((void*)address, floats);

    public void Dispose()
    {
        if (address != 0) release(address);
        address = 0;
    }
}

/// <summary>A copy that a device makes while the host goes on.</summary>
/// <param name="handle">The device's handle.</param>
/// <param name="wait">Waits until it is made.</param>
/// <param name="release">Gives the handle back.</param>
internal sealed class DeviceCopy(nint handle, Action<nint> wait, Action<nint> release) : IDisposable
{
    private nint handle = handle;

    /// <summary>Waits until it is made.</summary>
    /// <exception cref="DeviceException">The device stopped working.</exception>
    public void Wait() => wait(handle);

    public void Dispose()
    {
        if (handle != 0) release(handle);
        handle = 0;
    }
}

/// <summary>An argument of a kernel: a buffer, or four bytes of a whole number or a float.</summary>
internal readonly record struct KernelArgument(DeviceBuffer? Buffer, int Number)
{
    public static implicit operator KernelArgument(DeviceBuffer buffer) => new(buffer, 0);

    public static implicit operator KernelArgument(int number) => new(null, number);

    public static implicit operator KernelArgument(float number) => new(null, BitConverter.SingleToInt32Bits(number));
}
