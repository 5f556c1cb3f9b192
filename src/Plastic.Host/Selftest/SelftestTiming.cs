using Plastic.Engine;

namespace Plastic.Host;

/// <summary>How long a network's kernels and its training steps take.</summary>
/// <param name="Network">Its cell and rule.</param>
/// <param name="Kernels">Each kernel alone.</param>
/// <param name="StepSeconds">A whole training step.</param>
/// <param name="OfArithmetic">The least time for a step's multiply-adds, as a share of what it takes.</param>
/// <param name="OfCache">The least time for its traffic from the second-level cache, as a share of what it takes.</param>
internal sealed record SelftestTiming(
    string Network, IReadOnlyList<KernelTime> Kernels, double StepSeconds, double OfArithmetic, double OfCache)
{
    /// <summary>Measures a network.</summary>
    /// <exception cref="DeviceException">The device fails.</exception>
    public static SelftestTiming Measure(SelftestNetwork one, IDevice device, DeviceSpeed speed, double seconds)
    {
        var program = one.Network.Program;
        var times = TrainingTimes.Measure(program, device, one.Network.InitialValues(0), one.Noise(), new AdamWSettings(), seconds);
        var cost = (double)one.Batch * one.Steps * StepCosts.OnDevice(program, one.Steps).Whole;
        return new SelftestTiming(
            $"{one.Cell.Name} {one.Rule}", times.Kernels, times.StepSeconds, cost.Flops / speed.FlopsPerSecond / times.StepSeconds,
            cost.Bytes / speed.CacheBytesPerSecond / times.StepSeconds);
    }
}
