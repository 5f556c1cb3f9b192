using Plastic.Engine;

namespace Plastic.Program.Tests;

/// <summary>A device that compiles a source with something changed: to see that a test notices.</summary>
/// <param name="device">The device.</param>
/// <param name="edit">The change.</param>
internal sealed class EditedDevice(IDevice device, Func<string, string> edit) : WrappedDevice(device)
{
    /// <summary>Bytes of local memory that it says it has; null for those of the device.</summary>
    public long? LocalBytes { get; init; }

    public override DeviceFacts Facts => base.Facts with { LocalBytes = LocalBytes ?? base.Facts.LocalBytes };

    /// <summary>A change that leaves out barriers within a step, by their numbers from 0 in the order of the source.</summary>
    public static Func<string, string> WithoutBarriers(Func<int, bool> isLeftOut) => source =>
    {
        var parts = source.Split(KernelWriter.Barrier);
        return string.Concat(parts.Select((part, k) => part + (k == parts.Length - 1 || isLeftOut(k) ? "" : KernelWriter.Barrier)));
    };

    public override IKernels Compile(KernelSource source, IEnumerable<string> defined) =>
        base.Compile(source with { Text = edit(source.Text) }, defined);
}
