using Plastic.Core;

namespace Plastic.Host;

/// <summary>What a golden batch of few-shot episodes has beside what every batch has.</summary>
internal sealed class GoldenEpisodes
{
    /// <summary>The class of each episode's first query.</summary>
    public required int[] FirstQueries { get; init; }

    /// <summary>The step of the first query.</summary>
    public required int FirstStep { get; init; }

    /// <summary>In how many episodes the first query is classified correctly, in training and in evaluation.</summary>
    public required int Correct { get; init; }

    public required int EvaluatedCorrect { get; init; }

    /// <summary>The gradient with respect to what the encoder made, [B, T, H].</summary>
    public required double[] EncodedGradient { get; init; }

    /// <summary>The joint norm of all gradients.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>In evaluation, after the batch in training.</summary>
    public required double EvaluatedLoss { get; init; }

    public required double[] EvaluatedOutput { get; init; }

    /// <summary>The encoder's buffers after the batch, and after the optimiser steps.</summary>
    public required double[][] Buffers { get; init; }

    public required double[][] TrainedBuffers { get; init; }

    /// <summary>The batch in training, and then in evaluation.</summary>
    public IEnumerable<Compared> Compare(PlasticNetwork network, Batch batch, Episode trained, Episode evaluated)
    {
        yield return new(Quantity.Forward, "first queries correct", [CountCorrect(trained, batch)], [Correct]);
        yield return new(Quantity.Gradient, "encoded", trained.InputGradients["encoded"], EncodedGradient);
        yield return new(Quantity.Gradient, "norm", [Math.Sqrt(trained.Gradients.Sum(g => g.Sum(x => x * x)))], [GradientNorm]);
        foreach (var compared in BuffersAfter(Quantity.Final, network, trained.Buffers, Buffers)) yield return compared;
        yield return new(Quantity.Evaluate, "loss", [evaluated.Loss], [EvaluatedLoss]);
        yield return new(Quantity.Evaluate, "output", evaluated.Outputs["output"], EvaluatedOutput);
        yield return new(Quantity.Evaluate, "first queries correct", [CountCorrect(evaluated, batch)], [EvaluatedCorrect]);
        foreach (var compared in BuffersAfter(Quantity.Evaluate, network, evaluated.Buffers, Buffers)) yield return compared;
    }

    /// <summary>Buffers of the network's encoder.</summary>
    public IEnumerable<Compared> BuffersAfter(Quantity quantity, PlasticNetwork network, double[][] actual, double[][] expected) =>
        network.Encoder.Buffers.Select((buffer, k) => new Compared(quantity, buffer.Name, actual[k], expected[k]));

    private double CountCorrect(Episode episode, Batch batch) => FirstQueries.Where((label, b) =>
    {
        var scores = episode.Outputs["output"].AsSpan((b * batch.Steps + FirstStep) * batch.Outputs, batch.Outputs);
        var best = 0;
        for (var k = 1; k < scores.Length; k++) best = scores[k] > scores[best] ? k : best;
        return best == label;
    }).Count();
}
