using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Plastic.Settings;
using Plastic.Watch;

namespace Plastic.Host;

/// <summary>What the page asks for. Runs and points are named by ids of the index, never by paths.</summary>
/// <param name="root">The folder of all runs.</param>
/// <param name="index">What is known of them.</param>
/// <param name="insides">Looks into networks.</param>
internal sealed class WatchAnswers(string root, RunIndex index, RunInsides insides)
{
    private const int MostPoints = 400;

    /// <summary>The answer for a path; null where there is nothing.</summary>
    /// <param name="path">The path of the address.</param>
    /// <param name="parameter">Gives a parameter of the address; "" for none.</param>
    public Answer? Of(string path, Func<string, string> parameter)
    {
        try
        {
            return Found(path, parameter);
        }
        catch (Exception thrown)
        {
            return Answer.Refused(500, $"plastic watch cannot answer this: {Failure.Of(thrown).Line}");
        }
    }

    private Answer? Found(string path, Func<string, string> parameter) => path switch
    {
        "/api/runs" => Json(index.Read(state => RunsSince(state, Number(parameter("since"))))),
        "/api/view" => Json(index.Read(state => View(state, parameter))),
        "/api/insides" => index.Read(state => state.Runs.FirstOrDefault(run => run.Place.Id == parameter("run"))) is { } run
            ? Json(insides.Of(run))
            : null,
        _ => null,
    };

    private JsonObject RunsSince(RunIndex.State state, long since)
    {
        var changed = state.Runs.Where(run => run.Version > since).ToArray();
        var experiments = changed.Select(run => run.Place.Experiment).ToHashSet();
        return new JsonObject
        {
            ["root"] = root,
            ["version"] = state.Version,
            ["runs"] = new JsonArray([.. changed.Select(RunFor), .. state.Waiting.Where(run => run.Version > since).Select(run => RunFor(run.Place, run.Run))]),
            // Those that there are, where one has gone.
            ["ids"] = state.Left > since ? new JsonArray([.. state.Ids.Select(id => (JsonNode)id)]) : null,
            ["pictures"] = new JsonObject(
                from experiment in state.Runs.Where(run => experiments.Contains(run.Place.Experiment)).GroupBy(run => run.Place.Experiment)
                select KeyValuePair.Create(experiment.Key, (JsonNode?)SmallCurves.Of([.. experiment]))),
        };
    }

    private static JsonObject Named(RunPlace place) => new()
    {
        ["id"] = place.Id,
        ["experiment"] = place.Experiment,
        ["experimentId"] = place.ExperimentId,
        ["point"] = place.PointId,
        ["place"] = place.PointName,
    };

    /// <summary>A run that waits.</summary>
    private static JsonObject RunFor(RunPlace place, Run run)
    {
        var made = Named(place);
        (made["seed"], made["kind"], made["state"], made["step"], made["steps"]) = (run.Seed, "waiting", "waiting", 0, run.Settings.MaxBatch);
        return made;
    }

    private static JsonObject RunFor(WatchedRun run)
    {
        try
        {
            return Whole(run);
        }
        catch (Exception thrown)
        {
            var damaged = Named(run.Place);
            (damaged["seed"], damaged["kind"], damaged["state"], damaged["step"], damaged["steps"]) = (0, WatchedRun.Unreadable, WatchedRun.Unreadable, 0, 0);
            damaged["message"] = Failure.Of(thrown).Line;
            return damaged;
        }
    }

    private static JsonObject Whole(WatchedRun run)
    {
        var measure = run.Run?.Task.Measure;
        var made = Named(run.Place);
        (made["seed"], made["kind"], made["state"]) = (run.Run?.Seed ?? 0, run.Kind, run.State);
        (made["step"], made["steps"], made["canLook"]) = (run.Step, run.Steps, run.Kind == "finished" && run.Run is { IsPlastic: true });
        if (run.Message is { } message) made["message"] = message;
        if (run.Left is { } left) made["left"] = Math.Round(left.TotalSeconds);
        if (run.Label.Name.Length > 0) made["name"] = run.Label.Name;
        if (run.Label.Tags.Length > 0) made["tags"] = new JsonArray([.. run.Label.Tags.Select(tag => (JsonNode)tag)]);
        if (run.Series[Shown.Validation] is { Count: > 0 } validations) made["validation"] = PageParts.Short(validations.Min(one => one.Value));
        if (run.Test is not { } test) return made;
        made["test"] = JsonText.Finite(PageParts.Short(test.Loss));
        if (measure is not null && test.Measure is { } value) (made["measure"], made["measureName"]) = (JsonText.Finite(PageParts.Short(value)), measure.Name);
        return made;
    }

    private static JsonObject View(RunIndex.State state, Func<string, string> parameter)
    {
        HashSet<string> experiments = [.. parameter("experiments").Split(',')];
        List<string> points = [.. parameter("points").Split(',').Take(MostPoints)];
        var chosen = state.Runs.Where(run => experiments.Contains(run.Place.ExperimentId)).ToArray();
        var waiting = state.Waiting.Where(run => experiments.Contains(run.Place.ExperimentId)).ToArray();
        var version = chosen.Select(run => run.Version).Concat(waiting.Select(run => run.Version)).DefaultIfEmpty(0).Max();
        var count = chosen.Length + waiting.Length;
        // The same runs as before, none of which has changed.
        if (version <= Number(parameter("since")) && count == Number(parameter("count"))) return new JsonObject { ["same"] = true };
        var view = new SettingsTable([.. chosen.Where(run => run.Run is not null).Select(run => (run.Place, run.Run!)), .. waiting.Select(run => (run.Place, run.Run))]).Shown;
        var shown = Enum.TryParse<Shown>(parameter("show"), ignoreCase: true, out var given) && Enum.IsDefined(given) ? given : Shown.Validation;
        (view["chart"], view["drawn"]) = new RunComparison(
            [.. chosen.Where(run => points.Contains(run.Place.PointId)).OrderBy(run => points.IndexOf(run.Place.PointId))]).Curves(shown);
        (view["choices"], view["version"], view["count"]) = (new RunComparison(chosen).Choices, version, count);
        return view;
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static Answer Json(JsonObject value) => Answer.Json(Encoding.UTF8.GetBytes(value.ToJsonString()));
}
