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
            var network = run.CreateNetwork();
            Memory.Require(
                run.Title, Memory.OfLooking(run, network, threads, CpuExecutor.DefaultHistoryBytes), "a report of runs with smaller networks");
            var weights = TrainedNetwork.BestWeights(RunDirectory.PathOf(directory, run), network);
            var label = networks.Label(run);
            var rates = Evaluation.Of(run, network, weights, threads, CpuExecutor.DefaultHistoryBytes, null, default).Rates!;
            // A rate that never changes needs no curve.
            var isSteady = rates.StandardDeviation.All(deviation => deviation < 1e-6) && rates.Mean.Max() - rates.Mean.Min() < 1e-6;
            if (!isSteady) curves.Add(new ChartCurve(label, run.Settings.Rule,
                [.. rates.Mean.Select((mean, t) => ChartPoint.Around(t, mean, rates.StandardDeviation[t], 1))]));
            Heats.Add(PageParts.Of(label, FastWeightHistory.Of(run, network, weights, LayerOf(network), threads)));
        }
        if (curves.Count > 0)
        {
            Rates = PageParts.Of($"Inner learning rate η(t), before clipping, or M(t){networks.Part}", new Chart(
                "t", "eta", "step of the episode", "η or M (mean ± SD over test episodes)", curves, HasMarks: false));
        }
    }

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
