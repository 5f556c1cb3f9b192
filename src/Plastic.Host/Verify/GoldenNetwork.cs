using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>A network with or without an encoder, one batch, and consecutive optimiser steps on it.</summary>
internal sealed class GoldenNetwork : Golden
{
    public required PlasticNetwork Network { get; init; }

    /// <summary>One array per parameter, in the network's order.</summary>
    public required double[][] Parameters { get; init; }

    public required Batch Batch { get; init; }

    /// <summary>output [B, T, outputs], eta [B, T], decay [B, T], and innerLoss [T], the mean over the batch; with an encoder, encoded [B, T, H].</summary>
    public required IReadOnlyDictionary<string, double[]> Outputs { get; init; }

    public required double Loss { get; init; }

    /// <summary>As <see cref="Parameters"/>; of those that are trained.</summary>
    public required double[][] Gradients { get; init; }

    /// <summary>After the last step: each plastic synapse's F [B, n, m], by the synapse's name.</summary>
    public required IReadOnlyDictionary<string, double[]> FastWeights { get; init; }

    /// <summary>After the last step: each state [B, length], by its name in the step.</summary>
    public required IReadOnlyDictionary<string, double[]> States { get; init; }

    public required GoldenTraining Training { get; init; }

    /// <summary>What there is of a network with an encoder; null without one.</summary>
    public GoldenEpisodes? Episodes { get; init; }

    public override Tolerance Rounding => Episodes is null ? Tolerance.Float64 : Tolerance.NineDigits;

    public override IEnumerable<Compared> Reference() =>
        Compare(Network.RunReference, start => Trajectory.InFloat64(Network.RunReference, this, start));

    public override IEnumerable<Compared> Engine(int threads)
    {
        using var crew = new Crew(threads);
        using IExecutor executor = Network.Encoder is null
            ? new CpuExecutor(Network.Program, crew)
            : new EncodedExecutor(Network, crew, new KeyedDrops(0));
        return [.. Compare(executor.Run, start => Trajectory.InFloat32(executor, this, start))];
    }

    /// <summary>
    /// What a device's kernels compute, beside what is expected; of a network without an encoder. A run without a gradient keeps no history,
    /// so it is compared too.
    /// </summary>
    public IEnumerable<Compared> OnDevice(IDevice device)
    {
        using var executor = new GpuExecutor(Network.Program, device);
        return
        [
            .. Compare(executor.Run, start => Trajectory.InFloat32(executor, this, start)),
            .. Values(executor.Run(Parameters, Batch, false), Quantity.Evaluate, Quantity.Evaluate),
        ];
    }

    private IEnumerable<Compared> Compare(Func<double[][], Batch, bool, Episode> run, Func<double[][], Trajectory> train)
    {
        var episode = run(Parameters, Batch, true);
        foreach (var compared in Values(episode, Quantity.Forward, Quantity.Final)) yield return compared;
        for (var k = 0; k < Gradients.Length; k++)
        {
            yield return new(Quantity.Gradient, Network.Parameters[k].Name, episode.Gradients[k], Gradients[k]);
        }

        // Evaluation and training go on from the running statistics that the batch left.
        var after = (double[][])[.. Parameters[..^episode.Buffers.Length], .. episode.Buffers];
        foreach (var compared in Episodes?.Compare(Network, Batch, episode, run(after, Batch, false)) ?? []) yield return compared;
        var trajectory = train(after);
        yield return new(Quantity.Training, "losses", trajectory.Losses, Training.Losses);
        yield return new(Quantity.Training, "gradient norms", trajectory.GradientNorms, Training.GradientNorms);
        foreach (var compared in Episodes?.BuffersAfter(Quantity.Training, Network, trajectory.Buffers, Episodes.TrainedBuffers) ?? [])
        {
            yield return compared;
        }
    }

    /// <summary>What a run gives without its gradient.</summary>
    private IEnumerable<Compared> Values(Episode episode, Quantity outputs, Quantity final)
    {
        foreach (var (name, expected) in Outputs)
        {
            var actual = name == "innerLoss" ? OverBatch(episode.Outputs[name]) : episode.Outputs[name];
            yield return new(outputs, name, actual, expected);
        }
        yield return new(outputs, "loss", [episode.Loss], [Loss]);
        foreach (var (name, expected) in FastWeights) yield return new(final, $"{name}.weight", episode.FastWeights[name], expected);
        foreach (var (name, expected) in States) yield return new(final, name, episode.States[name], expected);
    }

    /// <summary>[T] from [B, T]: each sample's inner loss already includes the factor 1/B.</summary>
    private double[] OverBatch(double[] perSample)
    {
        var sums = new double[Batch.Steps];
        for (var i = 0; i < perSample.Length; i++) sums[i % Batch.Steps] += perSample[i];
        return sums;
    }
}

/// <summary>Consecutive optimiser steps on the golden batch.</summary>
/// <param name="Optimiser">The settings of AdamW.</param>
/// <param name="MaxGradientNorm">The bound on the joint norm of all gradients.</param>
/// <param name="Losses">Before each update.</param>
/// <param name="GradientNorms">Before clipping.</param>
internal sealed record GoldenTraining(
    AdamWSettings Optimiser, double MaxGradientNorm, double[] Losses, double[] GradientNorms);
