using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>The course of η (or of what the rule's modulation M is), and of the size of each layer's fast weights, over episodes.</summary>
internal sealed class InnerCourse : IEpisodeWatcher
{
    private readonly AnalysedEpisodes episodes;
    private readonly double[][] norms;
    private readonly string[] layers;
    private readonly Dictionary<int, int> episodeOf = [];

    private InnerCourse(AnalysedEpisodes episodes, PlasticNetwork network)
    {
        this.episodes = episodes;
        layers = [.. network.PlasticSynapses.Select(layer => layer.Name)];
        norms = Array.ConvertAll(layers, _ => new double[episodes.Count * episodes.Steps]);
        Rates = new double[episodes.Count * episodes.Steps];
    }

    /// <summary>η, [episode, step]; NaN beyond an episode's end.</summary>
    public double[] Rates { get; }

    /// <summary>‖F‖, the root of the sum of squares, after each step: for each plastic layer [episode, step]; NaN beyond an episode's end.</summary>
    public IReadOnlyList<double[]> Norms => norms;

    /// <summary>‖W‖ of each plastic layer.</summary>
    public required IReadOnlyList<double> SlowNorms { get; init; }

    /// <summary>Runs the episodes.</summary>
    /// <param name="episodes">The episodes.</param>
    /// <param name="network">The network.</param>
    /// <param name="executor">Runs it, without its encoder.</param>
    /// <param name="parameters">The weights of that part.</param>
    /// <param name="stop">Checked at every step.</param>
    public static InnerCourse Of(
        AnalysedEpisodes episodes, PlasticNetwork network, IExecutor executor, double[][] parameters, CancellationToken stop)
    {
        var course = new InnerCourse(episodes, network)
        {
            SlowNorms = [.. network.PlasticSynapses.Select(layer => Math.Sqrt(parameters[Weight(network, layer)].Sum(w => w * w)))],
        };
        for (var k = 0; k < episodes.Batches.Count; k++)
        {
            course.episodeOf.Clear();
            for (var e = 0; e < episodes.Count; e++)
            {
                if (episodes.Places[e].Batch == k) course.episodeOf.Add(episodes.Places[e].Sample, e);
            }
            var eta = executor.Watch(parameters, episodes.Batches[k], course, stop).Outputs["eta"];
            foreach (var (sample, e) in course.episodeOf)
            {
                eta.AsSpan(sample * episodes.Steps, episodes.Steps).CopyTo(course.Rates.AsSpan(e * episodes.Steps));
            }
        }
        for (var e = 0; e < episodes.Count; e++)
        {
            foreach (var series in course.norms.Append(course.Rates))
            {
                series.AsSpan((e * episodes.Steps + episodes.Length(e))..((e + 1) * episodes.Steps)).Fill(double.NaN);
            }
        }
        return course;
    }

    bool IEpisodeWatcher.Wants(int sample, int step) => episodeOf.ContainsKey(sample);

    void IEpisodeWatcher.SeeState(int sample, int step, string name, ReadOnlySpan<float> values)
    {
    }

    void IEpisodeWatcher.SeeFastWeights(int sample, int step, string synapse, ReadOnlySpan<float> values) =>
        norms[Array.IndexOf(layers, synapse)][episodeOf[sample] * episodes.Steps + step] = Math.Sqrt(FixedDot.Of(values, values));

    private static int Weight(PlasticNetwork network, Matrix layer) =>
        Enumerable.Range(0, network.Parameters.Count).Single(k => network.Parameters[k].Name == $"{layer.Name}.weight");
}
