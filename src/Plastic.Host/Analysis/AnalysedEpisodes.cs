using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// The first test episodes of a run, kept to be run again and again. Of a network with an encoder, what its images were made into.
/// </summary>
internal sealed class AnalysedEpisodes
{
    private readonly List<(int Batch, int Sample)> places = [];
    private readonly List<Batch> batches = [];

    private AnalysedEpisodes(int steps) => Steps = steps;

    /// <summary>All batches; the last may have episodes that do not count.</summary>
    public IReadOnlyList<Batch> Batches => batches;

    /// <summary>Where each episode that counts is.</summary>
    public IReadOnlyList<(int Batch, int Sample)> Places => places;

    /// <summary>How many episodes count.</summary>
    public int Count => places.Count;

    /// <summary>Steps of the longest episode.</summary>
    public int Steps { get; }

    /// <summary>Length of the input of a step, behind an encoder.</summary>
    public int Inputs => batches[0].Inputs;

    /// <summary>Length of the target of a step.</summary>
    public int Outputs => batches[0].Outputs;

    /// <summary>The bytes that they take.</summary>
    public static long Bytes(Run run, PlasticNetwork network, int episodes)
    {
        var batches = (episodes - 1) / run.Settings.Batch + 1L;
        return batches * Memory.OfBatch(run.Settings.Batch, run.Episodes.Steps, network.Options.Inputs + run.Episodes.Outputs + 1);
    }

    /// <summary>Draws them.</summary>
    /// <param name="run">A finished run.</param>
    /// <param name="network">Its network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="count">How many episodes, at most those of the test set.</param>
    /// <param name="crew">The threads.</param>
    /// <param name="stop">Checked at every batch.</param>
    public static AnalysedEpisodes Of(Run run, PlasticNetwork network, float[][] weights, int count, Crew crew, CancellationToken stop)
    {
        var source = new BatchSource(run, crew);
        var tests = source.Tests(run.Settings.TestBatches);
        using var encoder = network.Encoder is null ? null : new EncodedExecutor(network, crew, new KeyedDrops(run.Seed));
        var all = new AnalysedEpisodes(run.Episodes.Steps);
        while (all.Count < count)
        {
            stop.ThrowIfCancellationRequested();
            var drawn = source.Draw(tests.Part(all.batches.Count, 1))[0];
            var read = encoder?.Encode(weights, drawn, EncoderMode.Evaluation, stop) ?? drawn;
            all.Add(
                new Batch(
                    read.Size, read.Steps, read.Inputs, read.Outputs, [.. read.Input], [.. read.Target], [.. read.Weight], [.. read.Lengths]),
                count);
        }
        return all;
    }

    /// <summary>The steps of an episode.</summary>
    public int Length(int episode) => Of(episode).Lengths[places[episode].Sample];

    /// <summary>The input of a step.</summary>
    public ReadOnlySpan<double> Input(int episode, int step) => Of(episode).Read("input", places[episode].Sample, step);

    /// <summary>The target of a step.</summary>
    public ReadOnlySpan<double> Target(int episode, int step) => Of(episode).Read("target", places[episode].Sample, step);

    /// <summary>The weight of a step in the loss of its episode; those of an episode sum to 1.</summary>
    public double Weight(int episode, int step) => Of(episode).WeightOf(places[episode].Sample, step) / Whole(episode);

    /// <summary>The sum of an episode's weights in the loss of its batch.</summary>
    public double Whole(int episode) => Enumerable.Range(0, Steps).Sum(t => Of(episode).WeightOf(places[episode].Sample, t));

    private Batch Of(int episode) => batches[places[episode].Batch];

    private void Add(Batch batch, int most)
    {
        for (var sample = 0; sample < batch.Size && Count < most; sample++)
        {
            if (batch.Lengths[sample] > 0) places.Add((batches.Count, sample));
        }
        batches.Add(batch);
    }
}
