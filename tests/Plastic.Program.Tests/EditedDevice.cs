using Plastic.Engine;

namespace Plastic.Program.Tests;

/// <summary>A device that compiles a source with something changed: to see that a test notices.</summary>
/// <param name="device">The device.</param>
/// <param name="edit">The change.</param>
internal sealed class EditedDevice(IDevice device, Func<string, string> edit) : IDevice
{
    /// <summary>Bytes of local memory that it says it has; null for those of the device.</summary>
    public long? LocalBytes { get; init; }

    public DeviceFacts Facts => device.Facts with { LocalBytes = LocalBytes ?? device.Facts.LocalBytes };

    /// <summary>A change that leaves out barriers within a step, by their numbers from 0 in the order of the source.</summary>
    public static Func<string, string> WithoutBarriers(Func<int, bool> isLeftOut) => source =>
    {
        const string barrier = "        BAR();\n";
        var parts = source.Split(barrier);
        return string.Concat(parts.Select((part, k) => part + (k == parts.Length - 1 || isLeftOut(k) ? "" : barrier)));
    };

    IKernels IDevice.Compile(KernelSource source, IEnumerable<string> defined) =>
        device.Compile(source with { Text = edit(source.Text) }, defined);

    DeviceBuffer IDevice.Allocate(long floats, string what) => device.Allocate(floats, what);

    void IDevice.Write(DeviceBuffer to, ReadOnlySpan<float> values) => device.Write(to, values);

    void IDevice.Read(DeviceBuffer from, long start, Span<float> values) => device.Read(from, start, values);

    void IDevice.Fill(DeviceBuffer to, float value) => device.Fill(to, value);

    void IDevice.Launch(DeviceKernel kernel, long groups, params ReadOnlySpan<KernelArgument> arguments) =>
        device.Launch(kernel, groups, arguments);

    void IDevice.Wait() => device.Wait();

    public void Dispose() => device.Dispose();
}
