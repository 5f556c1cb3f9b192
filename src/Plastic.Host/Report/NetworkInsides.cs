using System.Text.Json.Nodes;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>What trained networks do within an episode: η(t), and the fast weights of one episode.</summary>
internal sealed class NetworkInsides
{
    private readonly int threads = Environment.ProcessorCount;

    /// <summary>Of the first finished network of each plastic point, six at most.</summary>
    public NetworkInsides(Plan plan, string directory)
    {
        var curves = new List<ChartCurve>();
        var networks = new FinishedNetworks(plan, directory, run => run.IsPlastic);
        foreach (var run in networks.Shown)
        {
            var label = networks.Label(run);
            var (rates, history) = Of(run, RunDirectory.PathOf(directory, run), threads);
            if (rates.Count > 0) curves.Add(new ChartCurve(label, run.Settings.Rule, rates));
            Heats.Add(PageParts.Of(label, history));
        }
        if (curves.Count > 0)
        {
            Rates = RatesOf($"Inner learning rate η(t), before clipping, or M(t){networks.Part}", curves);
        }
    }

    /// <summary>η(t) of one network, no points where it never changes, and the fast weights of its first test episode.</summary>
    /// <param name="run">A finished run of a plastic network.</param>
    /// <param name="path">Its folder.</param>
    /// <param name="threads">Threads to use.</param>
    /// <exception cref="PlasticException">There is not enough memory, or its weights cannot be read.</exception>
    public static (IReadOnlyList<ChartPoint> Rates, FastWeightHistory History) Of(Run run, string path, int threads)
    {
        var network = run.CreateNetwork();
        Memory.Require(
            run.Title, Memory.OfLooking(run, network, threads, CpuExecutor.DefaultHistoryBytes), "a report of runs with smaller networks");
        var weights = TrainedNetwork.BestWeights(path, network);
        var rates = Evaluation.Of(run, network, weights, threads, CpuExecutor.DefaultHistoryBytes, null, default).Rates!;
        var isSteady = rates.StandardDeviation.All(deviation => deviation < 1e-6) && rates.Mean.Max() - rates.Mean.Min() < 1e-6;
        return (
            isSteady ? [] : [.. rates.Mean.Select((mean, t) => ChartPoint.Around(t, mean, rates.StandardDeviation[t], 1))],
            FastWeightHistory.Of(run, network, weights, LayerOf(network), threads));
    }

    /// <summary>The chart of η(t).</summary>
    public static JsonObject RatesOf(string title, IReadOnlyList<ChartCurve> curves) => PageParts.Of(
        title, new Chart("t", "eta", "step of the episode", "η or M (mean ± SD over test episodes)", curves, HasMarks: false));

    /// <summary>The chart of η(t); null where no rate changes.</summary>
    public JsonObject? Rates { get; }

    /// <summary>The fast weights of each network.</summary>
    public JsonArray Heats { get; } = [];

    /// <summary>The layer whose fast weights are shown: the recurrent one, or the first that learns.</summary>
    private static string LayerOf(PlasticNetwork network) => network.PlasticSynapses
        .Select(synapse => synapse.Name)
        .OrderBy(name => name == "recurrent" ? 0 : 1)
        .First();
}
