using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>A small network, one batch, and what a published implementation computed from them in float64.</summary>
internal sealed class Golden
{
    /// <summary>The file it was read from, as given.</summary>
    public required string File { get; init; }

    public required PlasticNetwork Network { get; init; }

    /// <summary>One array per parameter, in the Program's order.</summary>
    public required double[][] Parameters { get; init; }

    public required Batch Batch { get; init; }

    /// <summary>output [B, T, outputs], eta [B, T], decay [B, T], and innerLoss [T], the mean over the batch.</summary>
    public required IReadOnlyDictionary<string, double[]> Outputs { get; init; }

    public required double Loss { get; init; }

    /// <summary>As <see cref="Parameters"/>.</summary>
    public required double[][] Gradients { get; init; }

    /// <summary>After the last step: each plastic synapse's F [B, n, m], by the synapse's name.</summary>
    public required IReadOnlyDictionary<string, double[]> FastWeights { get; init; }

    /// <summary>After the last step: each state [B, length], by its name in the step.</summary>
    public required IReadOnlyDictionary<string, double[]> States { get; init; }

    public required GoldenTraining Training { get; init; }
}

/// <summary>Consecutive optimiser steps on the golden batch.</summary>
/// <param name="Optimiser">The settings of AdamW.</param>
/// <param name="MaxGradientNorm">The bound on the joint norm of all gradients.</param>
/// <param name="Losses">Before each update.</param>
/// <param name="GradientNorms">Before clipping.</param>
internal sealed record GoldenTraining(
    AdamWSettings Optimiser, double MaxGradientNorm, double[] Losses, double[] GradientNorms);
