using System.Text.Json.Nodes;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic list`: experiments, tasks, rules, and runs.</summary>
internal static class ListCommand
{
    private sealed record Entry(string Name, string Text, JsonObject? Facts = null);

    public static ExitCode Run(ListRequest request, Output output)
    {
        var sections = new List<(string Title, IReadOnlyList<Entry> Entries)>();
        void Add(Topic topic, string title, Func<IEnumerable<Entry>> entries)
        {
            if (request.Topic == topic || (request.Topic == Topic.Everything && topic != Topic.Runs))
            {
                sections.Add((title, [.. entries()]));
            }
        }

        Add(Topic.Experiments, "experiments", () => Listing.Experiments.Select(plan =>
            new Entry(plan.Name, $"{plan.Summary}; {plan.Runs.Count} runs", Facts(plan))));
        Add(Topic.Tasks, "tasks", () => Listing.Tasks.Select(task => new Entry(
            task.Name, $"{task.Summary}; {task.Floor}", new JsonObject
            {
                ["floor"] = task.Floor,
                ["settings"] = new JsonArray([.. task.Settings.Select(key => (JsonNode)key)]),
                ["measure"] = task.Measure,
            })));
        Add(Topic.Rules, "rules", () => RuleBook.All.Select(rule => new Entry(rule.Name, $"{rule.Summary}; {rule.Equation}")));
        Add(Topic.Runs, "runs", () => RunSummary.Under(RunDirectory.Root(request.Directory)).Select(run =>
            new Entry(run.Path, run.Line)));

        output.Document(new JsonObject(sections.Select(section => new KeyValuePair<string, JsonNode?>(
            section.Title,
            new JsonArray([.. section.Entries.Select(Json)])))));
        foreach (var (title, entries) in sections)
        {
            if (sections.Count > 1) output.Result($"{title}:");
            var indent = sections.Count > 1 ? "  " : "";
            var width = entries.Select(entry => entry.Name.Length).DefaultIfEmpty(0).Max();
            foreach (var entry in entries) output.Result($"{indent}{entry.Name.PadRight(width)}  {entry.Text}");
        }
        if (request.Topic == Topic.Runs && sections[0].Entries.Count == 0)
        {
            output.Message($"no runs in {RunDirectory.Root(request.Directory)}");
        }
        return ExitCode.Ok;
    }

    private static JsonObject Json(Entry entry)
    {
        var json = new JsonObject { ["name"] = entry.Name, ["text"] = entry.Text };
        foreach (var (key, value) in entry.Facts ?? []) json[key] = value?.DeepClone();
        return json;
    }

    private static JsonObject Facts(Plan plan) => new()
    {
        ["axes"] = new JsonObject(plan.Axes.Select(axis => KeyValuePair.Create(
            axis, (JsonNode?)new JsonArray([.. plan.Values(axis).Select(value => (JsonNode)value)])))),
        ["runs"] = plan.Runs.Count,
        ["seeds"] = new JsonArray([.. plan.Seeds.Select(seed => (JsonNode)seed)]),
        ["max_batch"] = plan.IsTest ? 0 : plan.Runs[0].Settings.MaxBatch,
        ["trains"] = !plan.IsTest,
    };
}
