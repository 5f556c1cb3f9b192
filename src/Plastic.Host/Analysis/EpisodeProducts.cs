using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// The products ⟨v_i, v_j⟩ of what episodes carry after a step, for each pair of them: all that a linear readout needs. The vectors
/// themselves, a matrix F for each episode and layer, are kept for as many steps at a time as <see cref="KeptBytes"/> hold, and the
/// episodes are run again for the next ones.
/// </summary>
internal sealed class EpisodeProducts : IEpisodeWatcher
{
    /// <summary>Bytes of vectors that are kept, or those of one step if these are more.</summary>
    public const long KeptBytes = 256L << 20;

    private readonly AnalysedEpisodes episodes;
    private readonly Crew crew;
    private readonly Dictionary<string, float[]> kept;
    private readonly Dictionary<string, int> lengths;
    private readonly Dictionary<int, int> episodeOf = [];
    private int first, count;

    /// <param name="episodes">The episodes.</param>
    /// <param name="network">The network.</param>
    /// <param name="crew">The threads.</param>
    public EpisodeProducts(AnalysedEpisodes episodes, PlasticNetwork network, Crew crew)
    {
        (this.episodes, this.crew) = (episodes, crew);
        lengths = Parts(network).ToDictionary(part => part, part => ReadSource.Length(network, part));
        count = StepsTogether(network, episodes.Count);
        kept = lengths.ToDictionary(part => part.Key, part => new float[count * episodes.Count * part.Value]);
    }

    /// <summary>The bytes that it takes, without the products of one step at a time.</summary>
    public static long Bytes(PlasticNetwork network, int episodes) => StepsTogether(network, episodes) * BytesOfStep(network, episodes);

    /// <summary>The bytes of the largest array.</summary>
    public static long Largest(PlasticNetwork network, int episodes) =>
        Parts(network).Max(part => (long)ReadSource.Length(network, part)) * StepsTogether(network, episodes) * episodes * sizeof(float);

    /// <summary>Runs the episodes, and hands over the products after each of the steps.</summary>
    /// <param name="at">The steps, from 0, ascending.</param>
    /// <param name="sources">What is multiplied.</param>
    /// <param name="executor">Runs the network, without its encoder.</param>
    /// <param name="parameters">The weights of that part.</param>
    /// <param name="see">Takes the place of the step in the list, and for each source its products, [episode, episode].</param>
    /// <param name="stop">Checked at every step.</param>
    public void Run(
        int[] at, IReadOnlyList<ReadSource> sources, IExecutor executor, double[][] parameters, Action<int, double[][]> see, CancellationToken stop)
    {
        var most = count;
        for (var from = 0; from < at.Length; from += most)
        {
            count = Math.Min(most, at.Length - from);
            Keep(at.AsSpan(from, count), executor, parameters, stop);
            for (var k = 0; k < count; k++)
            {
                stop.ThrowIfCancellationRequested();
                var products = lengths.Keys.ToDictionary(part => part, part => Products(part, k));
                see(from + k, [.. sources.Select(source => Sum([.. source.Parts.Select(part => products[part])]))]);
            }
        }
        count = most;
    }

    bool IEpisodeWatcher.Wants(int sample, int step) => episodeOf.ContainsKey(sample) && Place(step) >= 0;

    void IEpisodeWatcher.SeeState(int sample, int step, string name, ReadOnlySpan<float> values) => See(sample, step, name, values);

    void IEpisodeWatcher.SeeFastWeights(int sample, int step, string synapse, ReadOnlySpan<float> values) => See(sample, step, synapse, values);

    private static string[] Parts(PlasticNetwork network) => [.. ReadSource.Of(network).SelectMany(source => source.Parts).Distinct()];

    private static long BytesOfStep(PlasticNetwork network, int episodes) =>
        Parts(network).Sum(part => (long)ReadSource.Length(network, part)) * episodes * sizeof(float);

    private static int StepsTogether(PlasticNetwork network, int episodes) =>
        (int)Math.Clamp(KeptBytes / BytesOfStep(network, episodes), 1, EpisodeReadout.MostSteps);

    private int[] steps = [];

    private int Place(int step) => Array.BinarySearch(steps, step);

    private void Keep(ReadOnlySpan<int> at, IExecutor executor, double[][] parameters, CancellationToken stop)
    {
        steps = at.ToArray();
        for (var k = 0; k < episodes.Batches.Count; k++)
        {
            episodeOf.Clear();
            for (var e = 0; e < episodes.Count; e++)
            {
                if (episodes.Places[e].Batch == k) episodeOf.Add(episodes.Places[e].Sample, e);
            }
            executor.Watch(parameters, episodes.Batches[k].First(steps[^1] + 1), this, stop);
        }
    }

    private void See(int sample, int step, string part, ReadOnlySpan<float> values) =>
        values.CopyTo(kept[part].AsSpan((Place(step) * episodes.Count + episodeOf[sample]) * values.Length));

    private double[] Products(string part, int place)
    {
        var (n, length, values) = (episodes.Count, lengths[part], kept[part]);
        first = place * n;
        var products = new double[n * n];
        crew.Run(n, (_, i) =>
        {
            for (var j = 0; j <= i; j++)
            {
                products[i * n + j] = products[j * n + i] =
                    FixedDot.Of(values.AsSpan((first + i) * length, length), values.AsSpan((first + j) * length, length));
            }
        });
        return products;
    }

    private static double[] Sum(double[][] parts)
    {
        if (parts.Length == 1) return parts[0];
        var sum = new double[parts[0].Length];
        foreach (var part in parts)
        {
            for (var i = 0; i < sum.Length; i++) sum[i] += part[i];
        }
        return sum;
    }
}
