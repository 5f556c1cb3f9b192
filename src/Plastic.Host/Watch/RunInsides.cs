using System.Text.Json.Nodes;
using Plastic.CommandLine;

namespace Plastic.Host;

/// <summary>
/// η(t) and the fast weights of finished networks, for who asks for them: computed once, one network at a time, on one thread, so that
/// training on the same machine loses little.
/// </summary>
/// <param name="reading">How a run is read; its code does not run unless it was used on this machine before.</param>
internal sealed class RunInsides(RunReading reading)
{
    private const int MostKept = 16;

    private readonly Lock computing = new();
    private readonly Dictionary<string, (FileMark Weights, JsonObject Found)> known = [];

    /// <summary>What the page shows of a run: a chart, null where no rate changes, and a heat map; or why there is none.</summary>
    public JsonObject Of(WatchedRun watched)
    {
        lock (computing)
        {
            var mark = FileMark.OfFile(Path.Combine(watched.Path, RunDirectory.Checkpoints, RunRecorder.BestFile));
            if (known.TryGetValue(watched.Place.Id, out var found) && found.Weights == mark) return found.Found.DeepClone().AsObject();
            var computed = Compute(watched, mark);
            if (known.Count >= MostKept) known.Clear();
            known[watched.Place.Id] = (mark, computed);
            return computed.DeepClone().AsObject();
        }
    }

    private JsonObject Compute(WatchedRun watched, FileMark weights)
    {
        try
        {
            if (OwnFiles.Fault(watched.Path) is { } fault) return Fault(fault);
            if (!weights.Exists) return Fault("it has no weights: its folder of checkpoints was deleted");
            var run = SavedRun.ReadToRun(watched.Path, reading);
            if (!run.IsPlastic || !RunDirectory.IsFinished(watched.Path)) return Fault("only finished runs of plastic networks can be looked into");
            var (rates, history) = NetworkInsides.Of(run, watched.Path, threads: 1);
            var title = $"{watched.Place.Experiment}, {run.Title}";
            return new JsonObject
            {
                ["rates"] = rates.Count == 0 ? null : NetworkInsides.RatesOf("Inner learning rate η(t), before clipping, or M(t)", [new ChartCurve(title, run.Settings.Rule, rates)]),
                ["heat"] = PageParts.Of(title, history),
            };
        }
        catch (Exception thrown)
        {
            return Fault(Failure.Of(thrown).Line);
        }
    }

    private static JsonObject Fault(string why) => new() { ["fault"] = why };
}
