using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// How long a training step of kernels should take on a card: an estimate, counted from the Program and from the kernels' source. Nothing is measured.
/// </summary>
/// <param name="MultiplyAdds">Of all episodes.</param>
/// <param name="CacheBytes">W, α, fast weights and products with pairs, which each sample reads by itself.</param>
/// <param name="Phases">Phases of products, one after the other, of an episode there and back.</param>
/// <param name="Barriers">Barriers of a group, of an episode there and back.</param>
/// <param name="Seconds">By part, what each would take alone.</param>
public sealed record StepEstimate(
    double MultiplyAdds, double CacheBytes, int Phases, int Barriers, IReadOnlyList<(string Part, double Seconds)> Seconds)
{
    private const int Kernels = 8, FloatsOfUpdate = 12;

    /// <summary>If everything overlapped: the part that takes longest.</summary>
    public double Least => Seconds.Max(part => part.Seconds);

    /// <summary>If nothing overlapped.</summary>
    public double Most => Seconds.Sum(part => part.Seconds);

    /// <summary>The estimate for a network.</summary>
    /// <param name="program">The network's step.</param>
    /// <param name="steps">Steps of an episode, at least 1.</param>
    /// <param name="card">The card.</param>
    public static StepEstimate Of(StepProgram program, int steps, CardModel card)
    {
        var costs = StepCosts.OnDevice(program, steps);
        var times = (double)program.Batch * steps;
        var multiplyAdds = times * costs.Whole.Flops / 2;
        var bytes = times * (costs.Of(StepPart.Forward) + costs.Of(StepPart.Backward)).Bytes;
        var phases = steps * (Products(program.Forward) + Products(program.Backward) + (program.Synapses.Any(s => s.IsPlastic) ? 2 : 0));
        var source = new EpisodeSource(program, 227 << 10).Kernels.Text;
        var barriers = steps * (BarriersIn(source, "forward") + BarriersIn(source, "backward"));

        // A number of the gradient is summed by one thread: of each pair of vectors, one element is its own.
        var sums = sizeof(float) * times * program.Synapses.Sum(s => (double)s.Gradient.Length * s.Matrix.Rows * s.Matrix.Columns);
        var update = (double)sizeof(float) * (FloatsOfUpdate + SettleKernels.Shards(program)) * program.Parameters.Sum(p => p.Size);
        var rounds = Math.Ceiling((double)program.Batch / card.Multiprocessors);
        return new StepEstimate(multiplyAdds, bytes, phases, barriers,
        [
            ("multiply-adds", rounds * multiplyAdds / program.Batch / card.MultiplyAddsPerSecond),
            ("second-level cache", bytes / card.CacheBytesPerSecond),
            ("phases", rounds * phases * card.PhaseSeconds),
            ("barriers", rounds * barriers * card.BarrierSeconds),
            ("sums of gradients, update", (sums + update) / card.CacheBytesPerSecond),
            ("launches", Kernels * card.LaunchSeconds),
        ]);

        int Products(Instruction[] list) => Schedule.Of(program, list).Count(phase => !Schedule.IsElementwise(program, phase[0]));
    }

    private static int BarriersIn(string source, string kernel)
    {
        var start = source.IndexOf($"KERNEL void {kernel}(", StringComparison.Ordinal);
        var end = source.IndexOf("KERNEL void ", start + 1, StringComparison.Ordinal);
        return source[start..end].Split("BAR();").Length - 1;
    }
}
