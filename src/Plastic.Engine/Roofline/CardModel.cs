namespace Plastic.Engine;

/// <summary>What is assumed of a card, for an estimate where there is none. Clocks and rates are published figures, the latencies are assumptions.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Multiprocessors">Multiprocessors; each runs a group at a time.</param>
/// <param name="MultiplyAddsPerSecond">Fused multiply-adds of one multiprocessor.</param>
/// <param name="CacheBytesPerSecond">From the second-level cache, of the whole card.</param>
/// <param name="PhaseSeconds">A phase of products that waits for the one before it: the latency of memory and of a chain of multiply-adds.</param>
/// <param name="BarrierSeconds">A barrier of a group.</param>
/// <param name="LaunchSeconds">From the end of a kernel to the start of the next.</param>
public sealed record CardModel(
    string Name, int Multiprocessors, double MultiplyAddsPerSecond, double CacheBytesPerSecond, double PhaseSeconds, double BarrierSeconds,
    double LaunchSeconds)
{
    /// <summary>The cards there are figures of.</summary>
    public static IReadOnlyList<CardModel> All { get; } =
    [
        // 128 multiply-adds in each cycle of 1.755 GHz.
        new("h100", Multiprocessors: 132, MultiplyAddsPerSecond: 128 * 1.755e9, CacheBytesPerSecond: 5.5e12, PhaseSeconds: 0.6e-6,
            BarrierSeconds: 0.04e-6, LaunchSeconds: 2e-6),
    ];
}
