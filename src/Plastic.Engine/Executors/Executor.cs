using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The engine's executors of whole networks, with an encoder or without one.</summary>
public static class Executor
{
    /// <summary>An executor of a network, which shares a crew.</summary>
    /// <param name="network">The network.</param>
    /// <param name="crew">The threads; disposing of the executor leaves them alive.</param>
    /// <param name="seed">The seed of what an encoder drops in training.</param>
    /// <param name="historyBytes">As for <see cref="CpuExecutor"/>.</param>
    /// <param name="team">As for <see cref="CpuExecutor"/>.</param>
    /// <exception cref="NotSupportedException">Several ranks, and an encoder: its norms are over whole batches.</exception>
    public static IExecutor Create(
        PlasticNetwork network, Crew crew, long seed, long historyBytes = CpuExecutor.DefaultHistoryBytes, Team? team = null)
    {
        if (network.Encoder is null) return new CpuExecutor(network.Program, crew, team ?? new Team(), historyBytes);
        if (team is { Count: > 1 }) throw new NotSupportedException("Executor: an encoder's norms are over whole batches, which several ranks do not see.");
        return new EncodedExecutor(network, crew, new KeyedDrops(seed), historyBytes);
    }

    /// <summary>The bytes that it allots for batches, found without allotting them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="steps">Steps of an episode, at least 1.</param>
    /// <param name="withGradient">Whether gradients are computed.</param>
    /// <param name="historyBytes">As for <see cref="CpuExecutor"/>.</param>
    public static long MemoryFor(
        PlasticNetwork network, int threads, int steps, bool withGradient, long historyBytes = CpuExecutor.DefaultHistoryBytes)
    {
        if (network.Encoder is not { } encoder)
        {
            return CpuExecutor.MemoryFor(network.Program, threads, steps, withGradient, historyBytes);
        }
        var batch = network.Options.Batch;
        var images = (long)batch * steps * (network.Inputs + 2L * encoder.Features) * sizeof(float);
        return CpuExecutor.MemoryFor(network.ProgramThroughInput, threads, steps, withGradient, historyBytes)
            + CpuEncoder.MemoryFor(encoder, threads, batch, steps) + images;
    }
}
