using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>What a trained network does in the first episodes of its test set, as arrays.</summary>
internal sealed class EpisodeExport : IEpisodeWatcher
{
    private readonly Run run;
    private readonly PlasticNetwork network;
    private readonly IReadOnlyList<Matrix> layers;
    private readonly int[] at;
    private readonly int steps;
    private readonly double[] inputs, targets, stepWeights;
    private readonly long[] lengths;
    private readonly Dictionary<string, float[]> series, states, fast;
    private int[] samples = [];
    private int taken;

    /// <param name="run">A finished run.</param>
    /// <param name="network">Its network.</param>
    /// <param name="episodes">How many episodes.</param>
    /// <param name="layers">The layers whose fast weights are kept.</param>
    /// <param name="at">The steps, from 1, after which states and fast weights are kept.</param>
    private EpisodeExport(Run run, PlasticNetwork network, int episodes, IReadOnlyList<Matrix> layers, int[] at)
    {
        (this.run, this.network, this.layers, this.at) = (run, network, layers, at);
        steps = run.Episodes.Steps;
        Episodes = episodes;
        inputs = new double[episodes * steps * run.Episodes.Inputs];
        targets = new double[episodes * steps * run.Episodes.Outputs];
        stepWeights = new double[episodes * steps];
        lengths = new long[episodes];
        series = Series.ToDictionary(one => one.Name, one => new float[episodes * steps * one.Length]);
        states = network.States.ToDictionary(state => state.Key, state => new float[episodes * at.Length * state.Value]);
        fast = layers.ToDictionary(layer => layer.Name, layer => new float[episodes * at.Length * layer.Rows * layer.Columns]);
    }

    /// <summary>How many episodes it has.</summary>
    public int Episodes { get; }

    /// <summary>The bytes of the largest array and of all arrays, found without allotting them.</summary>
    public static (long Largest, long All) Bytes(
        Run run, PlasticNetwork network, int episodes, IReadOnlyList<Matrix> layers, int[] at)
    {
        long count = (long)episodes * at.Length, all = (long)episodes * run.Episodes.Steps;
        long[] arrays =
        [
            .. layers.Select(layer => count * layer.Rows * layer.Columns * sizeof(float)),
            .. network.States.Values.Select(length => count * length * sizeof(float)),
            all * run.Episodes.Inputs * sizeof(double),
            all * run.Episodes.Outputs * (sizeof(double) + sizeof(float)),
        ];
        return (arrays.Max(), arrays.Sum());
    }

    /// <summary>Runs the episodes.</summary>
    /// <param name="run">A finished run.</param>
    /// <param name="network">Its network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="episodes">How many episodes, at most those of the test set.</param>
    /// <param name="layers">The layers whose fast weights are kept.</param>
    /// <param name="at">The steps, from 1, after which states and fast weights are kept.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="stop">Checked at every step.</param>
    public static EpisodeExport Of(
        Run run, PlasticNetwork network, float[][] weights, int episodes, IReadOnlyList<Matrix> layers, int[] at, int threads, CancellationToken stop)
    {
        using var crew = new Crew(threads);
        using var executor = Executor.Create(network, crew, run.Seed);
        var parameters = Array.ConvertAll(weights, p => Array.ConvertAll(p, x => (double)x));
        var batches = new BatchSource(run, crew);
        var tests = batches.Tests(run.Settings.TestBatches);
        var chosen = new EpisodeExport(run, network, episodes, layers, at);
        for (var k = 0; chosen.taken < chosen.Episodes; k++)
        {
            var batch = batches.Draw(tests.Part(k, 1))[0];
            chosen.samples = [.. Samples(batch).Take(chosen.Episodes - chosen.taken)];
            chosen.Take(batch, executor.Watch(parameters, batch, chosen, stop));
            chosen.taken += chosen.samples.Length;
        }
        return chosen;
    }

    /// <summary>The arrays in the order of the file; the weights are those of the network.</summary>
    public IEnumerable<ExportedArray> Arrays(float[][] weights)
    {
        var (episode, step, kept) = (("episode", Episodes), ("step", steps), ("kept step", at.Length));
        yield return ExportedArray.Of("inputs", inputs, episode, step, ("input", run.Episodes.Inputs));
        yield return ExportedArray.Of("targets", targets, episode, step, ("output", run.Episodes.Outputs));
        yield return ExportedArray.Of("step_weights", stepWeights, episode, step);
        yield return ExportedArray.Of("lengths", lengths, episode);
        long[] places = [.. Enumerable.Range(0, Episodes).Select(k => (long)run.Episodes.Index(Part.Test, k))];
        yield return ExportedArray.Of("episode_index", places, episode);
        foreach (var (name, output, length) in Series)
        {
            yield return length == 1 && name != "output"
                ? ExportedArray.Of(output, series[name], episode, step)
                : ExportedArray.Of(output, series[name], episode, step, ("output", length));
        }
        yield return ExportedArray.Of("kept_steps", Array.ConvertAll(at, one => (long)one), kept);
        foreach (var (name, length) in network.States) yield return ExportedArray.Of($"state.{name}", states[name], episode, kept, ("unit", length));
        foreach (var layer in layers)
        {
            yield return ExportedArray.Of($"fast.{layer.Name}", fast[layer.Name], episode, kept, ("pre", layer.Rows), ("post", layer.Columns));
        }
        foreach (var (parameter, values) in network.Parameters.Zip(weights))
        {
            string[] axes = parameter.Shape.Length == 2 ? ["pre", "post"] : [.. parameter.Shape.Select(_ => "unit")];
            yield return new ExportedArray(new NamedTensor($"weights.{parameter.Name}", parameter.Shape, values), axes);
        }
    }

    /// <summary>What the step computes, the name in the file, and its length: λ is called decay in the step.</summary>
    private IEnumerable<(string Name, string Exported, int Length)> Series => network.PlasticSynapses.Count == 0
        ? [("output", "outputs", run.Episodes.Outputs)]
        : [("output", "outputs", run.Episodes.Outputs), ("eta", "eta", 1), ("decay", "lambda", 1), ("innerLoss", "inner_loss", 1)];

    /// <summary>The places of a batch that hold an episode.</summary>
    private static IEnumerable<int> Samples(Batch batch) => Enumerable.Range(0, batch.Size).Where(sample => batch.Lengths[sample] > 0);

    private void Take(Batch batch, Episode episode)
    {
        for (var k = 0; k < samples.Length; k++)
        {
            var (from, to) = (samples[k], taken + k);
            Copy(batch.Input, from, inputs, to, steps * batch.Inputs);
            Copy(batch.Target, from, targets, to, steps * batch.Outputs);
            lengths[to] = batch.Lengths[from];
            var whole = Enumerable.Range(0, steps).Sum(t => batch.WeightOf(from, t));
            for (var t = 0; t < steps; t++) stepWeights[to * steps + t] = batch.WeightOf(from, t) / whole;
            foreach (var (name, _, length) in Series) Copy(episode.Outputs[name], from, series[name], to, steps * length);
        }
    }

    bool IEpisodeWatcher.Wants(int sample, int step) => Place(sample, step) >= 0;

    void IEpisodeWatcher.SeeState(int sample, int step, string name, ReadOnlySpan<float> values) => Keep(states, sample, step, name, values);

    void IEpisodeWatcher.SeeFastWeights(int sample, int step, string synapse, ReadOnlySpan<float> values) => Keep(fast, sample, step, synapse, values);

    private void Keep(Dictionary<string, float[]> kept, int sample, int step, string name, ReadOnlySpan<float> values)
    {
        if (kept.TryGetValue(name, out var to)) values.CopyTo(to.AsSpan(Place(sample, step) * values.Length));
    }

    /// <summary>Where what follows a step of the batch's episode is kept, [episode, kept step]; negative where it is not.</summary>
    private int Place(int sample, int step)
    {
        var (episode, kept) = (Array.BinarySearch(samples, sample), Array.BinarySearch(at, step + 1));
        return episode < 0 || kept < 0 ? -1 : (taken + episode) * at.Length + kept;
    }

    private static void Copy(double[] from, int source, double[] to, int target, int length) =>
        from.AsSpan(source * length, length).CopyTo(to.AsSpan(target * length));

    private static void Copy(double[] from, int source, float[] to, int target, int length)
    {
        for (var k = 0; k < length; k++) to[target * length + k] = (float)from[source * length + k];
    }
}
