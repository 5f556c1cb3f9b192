using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic list`: experiments, tasks, rules, and runs.</summary>
internal static class ListCommand
{
    /// <summary>What is listed.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Text">What it is, for people.</param>
    /// <param name="Facts">All of that for machines.</param>
    private sealed record Entry(string Name, string Text, object Facts);

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

        Add(Topic.Experiments, "experiments", () => Listing.Experiments.Select(Of));
        Add(Topic.Tasks, "tasks", () => Listing.Tasks.Select(Of));
        Add(Topic.Rules, "rules", () => RuleBook.All.Select(rule => Of(rule.Name, $"{rule.Summary}; {rule.Equation}")));
        Add(Topic.Runs, "runs", () => RunSummary.Under(RunDirectory.Root(request.Directory)).Select(run => Of(run.Path, run.Line)));

        output.Document(sections.ToDictionary(section => section.Title, section => section.Entries.Select(entry => entry.Facts)));
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

    private static Entry Of(string name, string text) => new(name, text, new { Name = name, Text = text });

    private static Entry Of(TaskHelp task)
    {
        var text = $"{task.Summary}; {task.Floor}";
        return new Entry(task.Name, text, new { task.Name, Text = text, task.Floor, task.Settings, task.Measure });
    }

    private static Entry Of(Plan plan)
    {
        var text = $"{plan.Summary}; {CountText.Of(plan.Runs.Count, "run")}";
        return new Entry(plan.Name, text, new
        {
            plan.Name,
            Text = text,
            Axes = plan.Axes.ToDictionary(axis => axis, plan.Values),
            Runs = plan.Runs.Count,
            plan.Seeds,
            MaxBatch = plan.IsTest ? 0 : plan.Runs[0].Settings.MaxBatch,
            Trains = !plan.IsTest,
        });
    }
}
