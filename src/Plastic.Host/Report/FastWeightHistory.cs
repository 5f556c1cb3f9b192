using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The fast weights of one layer over one episode.</summary>
/// <param name="Rows">Presynaptic units.</param>
/// <param name="Columns">Postsynaptic units.</param>
/// <param name="At">The steps after which F was read, counted from 1.</param>
/// <param name="Steps">F after each of them, row by row.</param>
internal sealed record FastWeightHistory(int Rows, int Columns, IReadOnlyList<int> At, IReadOnlyList<double[]> Steps)
{
    private const int MostSteps = 40;
    private const int MostBytes = 4 << 20;
    private const double Levels = 127;

    /// <summary>
    /// Reads the fast weights in the first episode of the test set, after each of at most 40 evenly spaced steps, fewer for a large layer.
    /// </summary>
    /// <param name="run">A finished run.</param>
    /// <param name="network">Its network, which must be plastic.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="threads">Threads to use.</param>
    public static FastWeightHistory Of(Run run, PlasticNetwork network, float[][] weights, string layer, int threads)
    {
        using var crew = new Crew(threads);
        using var executor = Executor.Create(network, crew, run.Seed);
        var parameters = Array.ConvertAll(weights, p => Array.ConvertAll(p, x => (double)x));
        var whole = new BatchSource(run, crew).FirstTest();
        var matrix = network.PlasticSynapses.Single(synapse => synapse.Name == layer);
        var most = Math.Clamp(MostBytes / (matrix.Rows * matrix.Columns), 1, MostSteps);
        var at = EpisodeSteps.Spaced(whole.Steps, most);
        var watcher = new Watcher(layer, at);
        executor.Watch(parameters, whole, watcher);
        return new FastWeightHistory(matrix.Rows, matrix.Columns, at, watcher.Seen);
    }

    /// <summary>The largest magnitude.</summary>
    public double Largest => Steps.SelectMany(values => values).Select(Math.Abs).DefaultIfEmpty(0).Max();

    /// <summary>Every step as signed bytes in base64: 127 represents the largest magnitude.</summary>
    public IEnumerable<string> Encoded()
    {
        var largest = Largest;
        return Steps.Select(values => Convert.ToBase64String(
            Array.ConvertAll(values, value => unchecked((byte)(sbyte)(largest > 0 ? Math.Round(Levels * value / largest) : 0)))));
    }

    /// <summary>Keeps the fast weights of one layer in the batch's first episode.</summary>
    private sealed class Watcher(string layer, int[] at) : IEpisodeWatcher
    {
        public List<double[]> Seen { get; } = [];

        public bool Wants(int sample, int step) => sample == 0 && Array.BinarySearch(at, step + 1) >= 0;

        public void SeeState(int sample, int step, string name, ReadOnlySpan<float> values)
        {
        }

        public void SeeFastWeights(int sample, int step, string synapse, ReadOnlySpan<float> values)
        {
            if (synapse == layer) Seen.Add(Array.ConvertAll(values.ToArray(), x => (double)x));
        }
    }
}
