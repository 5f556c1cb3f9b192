using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The runs of a figure that are there, read once; what is missing is gathered.</summary>
internal sealed class FigureRuns(string directory)
{
    private readonly Dictionary<string, string> missing = [];

    /// <summary>The runs that are missing or unfinished, by their folders; how far they are, where somebody has seen it.</summary>
    public IReadOnlyCollection<string> Missing => missing.Values;

    /// <summary>Those of them that are there in part, or otherwise.</summary>
    public IEnumerable<string> Noted => missing.Where(run => run.Value != run.Key).Select(run => run.Value);

    /// <summary>
    /// What one reads of each run, by points, in their order. Runs without it are noted as missing, and points without any
    /// are left out.
    /// </summary>
    /// <param name="runs">A point's seeds follow each other.</param>
    /// <param name="read">From the run and its folder; null when there is nothing yet, with a word on what there is.</param>
    public IReadOnlyList<(Run First, IReadOnlyList<T> Seeds)> Read<T>(
        IEnumerable<Run> runs, Func<Run, string, (T? Value, string? Note)> read) where T : class
    {
        var found = new List<(Run, IReadOnlyList<T>)>();
        foreach (var point in runs.GroupBy(run => run.Point))
        {
            var seeds = new List<T>();
            foreach (var run in point)
            {
                var path = RunDirectory.PathOf(directory, run);
                var (value, note) = RunDirectory.Difference(path, run) is { } difference
                    ? (null, $"with other settings: {difference}")
                    : read(run, path);
                if (value is not null) seeds.Add(value);
                if (value is null || note is not null)
                {
                    if (note is not null) missing[run.Directory] = $"{run.Directory} ({note})";
                    else missing.TryAdd(run.Directory, run.Directory);
                }
            }
            if (seeds.Count > 0) found.Add((point.First(), seeds));
        }
        return found;
    }

    /// <summary>The same of what is there as a whole or not at all.</summary>
    public IReadOnlyList<(Run First, IReadOnlyList<T> Seeds)> Read<T>(IEnumerable<Run> runs, Func<string, T?> read) where T : class =>
        Read(runs, (_, path) => (read(path), (string?)null));

    /// <summary>A run's value of a setting, as text.</summary>
    public static string Text(string setting, Run run) =>
        SettingHelp.All.Single(help => help.Name == setting).Text(run.Settings);

    /// <summary>What sets a run apart from others: the values of the axes that vary among them, or its rule when none does.</summary>
    public static string Label(Run run, IReadOnlyList<Run> others, IEnumerable<string> axes)
    {
        var varying = axes
            .Select(axis => SettingHelp.All.Single(setting => setting.Name == axis))
            .Where(setting => others.Select(other => setting.Text(other.Settings)).Distinct().Count() > 1)
            .Select(setting => setting.Name is "cell" or "rule"
                ? setting.Text(run.Settings)
                : $"{setting.Name} {setting.Text(run.Settings)}")
            .ToArray();
        return varying.Length == 0 ? run.Settings.Rule : string.Join(", ", varying);
    }
}
