using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic list`: experiments, tasks, rules, claims, and runs.</summary>
internal static class ListCommand
{
    /// <summary>What is listed.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Text">What it is, for people.</param>
    /// <param name="Facts">All of that for machines.</param>
    private sealed record Entry(string Name, string Text, object Facts);

    public static ExitCode Run(ListRequest request, Output output)
    {
        if (request.Topic == Topic.Runs) return Runs(request, output);
        var sections = new List<(string Title, IReadOnlyList<Entry> Entries)>();
        void Add(Topic topic, string title, Func<IEnumerable<Entry>> entries)
        {
            if (request.Topic == topic || request.Topic == Topic.Everything)
            {
                sections.Add((title, [.. entries()]));
            }
        }

        Add(Topic.Experiments, "experiments", () => Listing.Experiments.Select(Of));
        Add(Topic.Tasks, "tasks", () => Listing.TasksOf(WithImageSets(output)).Select(Of));
        Add(Topic.Rules, "rules", () => RuleBook.All.Select(rule => Of(rule.Name, $"{rule.Summary}; {rule.Equation}")));

        Add(Topic.Claims, "claims", () => Plastic.Claims.Claims.All.Select(claim => Of(claim.Name, $"{claim.Statement} ({claim.Paper}, section {claim.Section})")));

        output.Document(sections.ToDictionary(section => section.Title, section => section.Entries.Select(entry => entry.Facts)));
        foreach (var (title, entries) in sections)
        {
            if (sections.Count > 1) output.Result($"{title}:");
            var indent = sections.Count > 1 ? "  " : "";
            var width = entries.Select(entry => entry.Name.Length).DefaultIfEmpty(0).Max();
            foreach (var entry in entries) output.Result($"{indent}{entry.Name.PadRight(width)}  {entry.Text}");
        }
        return ExitCode.Ok;
    }

    /// <summary>The built-in library with the tasks of the image sets that are at hand; one line for each that has none.</summary>
    private static Library WithImageSets(Output output)
    {
        var library = Library.BuiltIn;
        foreach (var name in ImageFolder.Names(""))
        {
            try
            {
                var (task, file) = ImageTask.Of(ImageFolder.Of("", name), check: false);
                library = Joining.Task(library, task, file);
            }
            catch (PlasticException fault)
            {
                output.Warn(fault.Message);
            }
        }
        return library;
    }

    private static ExitCode Runs(ListRequest request, Output output)
    {
        var root = RunDirectory.Root(request.Directory);
        var all = RunFolders.Under(root).Select(RunFacts.Of).ToArray();
        RequireKnown(request, all);
        IEnumerable<RunFacts> met = all.Where(run => request.Conditions.All(run.Meets));
        if (request.SortKey.Length > 0)
        {
            // What is not there comes last in either direction.
            met = request.IsDescending
                ? met.OrderBy(run => run.Order(request.SortKey).Kind).ThenByDescending(run => run.Order(request.SortKey))
                : met.OrderBy(run => run.Order(request.SortKey));
        }
        var runs = met.ToArray();
        var list = new RunList(runs);
        output.Document(new { Runs = list.Facts() });
        if (runs.Length == 0) output.Message(all.Length == 0 ? $"no runs in {root}" : $"none of {CountText.Of(all.Length, "run")} meets that");
        else if (request.Csv) output.Result(list.Csv().TrimEnd('\n'));
        else
        {
            foreach (var line in list.Lines(output.ResultsWidth)) output.Result(line);
        }
        list.SayUntrusted(output);
        return ExitCode.Ok;
    }

    /// <summary>Refuses keys that are neither facts nor settings nor metrics, of these runs' own rules and tasks either.</summary>
    private static void RequireKnown(ListRequest request, RunFacts[] runs)
    {
        string[] settings =
        [
            .. runs.Select(run => run.Run?.Settings.Library).OfType<Library>().Append(Library.BuiltIn).Distinct()
                .SelectMany(SettingHelp.Of).Select(setting => setting.Name)
                .Concat(runs.Select(run => run.Measure?.Name).OfType<string>()).Distinct(),
        ];
        string[] keys = [.. request.Conditions.Select(condition => condition.Key), .. request.SortKey.Length > 0 ? new[] { request.SortKey } : []];
        string[] faults = [.. keys.Select(key => Condition.Fault(key, settings)).OfType<string>()];
        if (faults.Length > 0) throw new PlasticException(ExitCode.Usage, string.Join("; ", faults));
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
