using Plastic.Engine;

namespace Plastic.Program.Tests;

/// <summary>A device that stops working after some launches, or has less memory than it says.</summary>
/// <param name="device">The device.</param>
internal sealed class LostDevice(IDevice device) : WrappedDevice(device)
{
    private bool isLost;

    /// <summary>Launches that succeed.</summary>
    public int Launches { get; set; } = int.MaxValue;

    /// <summary>Bytes that can be taken.</summary>
    public long Bytes { get; set; } = long.MaxValue;

    public override void Launch(DeviceKernel kernel, long groups, params ReadOnlySpan<KernelArgument> arguments)
    {
        isLost |= Launches-- <= 0;
        RequireAlive();
        base.Launch(kernel, groups, arguments);
    }

    public override DeviceBuffer Allocate(long floats, string what)
    {
        RequireAlive();
        var bytes = DeviceBuffer.Taken(floats) * sizeof(float);
        if ((Bytes -= bytes) < 0) throw new DeviceException(DeviceFault.Memory, $"{Facts.Name} has not enough memory for {what}");
        return base.Allocate(floats, what);
    }

    public override void Read(DeviceBuffer from, long start, Span<float> values)
    {
        RequireAlive();
        base.Read(from, start, values);
    }

    public override DeviceCopy StartRead(DeviceBuffer from, HostMemory to)
    {
        RequireAlive();
        var copy = base.StartRead(from, to);
        // It may be lost between the start of a copy and its end.
        return new DeviceCopy(
            1, _ =>
            {
                copy.Wait();
                RequireAlive();
            }, _ => copy.Dispose());
    }

    private void RequireAlive()
    {
        if (isLost) throw new DeviceException(DeviceFault.Lost, $"{Facts.Name} could not run forward (a test's code)");
    }
}
