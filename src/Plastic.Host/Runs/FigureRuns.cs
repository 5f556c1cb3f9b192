using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Reads the runs of figures, and collects those that are missing.</summary>
/// <param name="directory">The folder that holds runs/.</param>
/// <param name="threads">Threads for what is computed to compare them with.</param>
internal sealed class FigureRuns(string directory, int threads)
{
    private readonly Dictionary<string, string> missing = [];

    /// <summary>Nearest neighbours of pixels, to compare them with.</summary>
    public PixelBaseline Neighbours { get; } = new(threads);

    /// <summary>Threads for what is computed.</summary>
    public int Threads => threads;

    /// <summary>The folders of runs that are missing or unfinished, with how far they are, where that is known.</summary>
    public IReadOnlyCollection<string> Missing => missing.Values;

    /// <summary>Those of them that exist in part, or with other settings.</summary>
    public IEnumerable<string> Noted => missing.Where(run => run.Value != run.Key).Select(run => run.Value);

    /// <summary>
    /// What is read from each run, by point, in order. Runs without it are collected as missing; points without any are left out.
    /// </summary>
    /// <param name="runs">The runs; the seeds of a point are consecutive.</param>
    /// <param name="read">Reads the run's folder; null if there is nothing yet, with a note on what there is.</param>
    public IReadOnlyList<(Run First, IReadOnlyList<T> Seeds)> Read<T>(
        IEnumerable<Run> runs, Func<Run, string, (T? Value, string? Note)> read) where T : class
    {
        var found = new List<(Run, IReadOnlyList<T>)>();
        foreach (var point in runs.GroupBy(run => run.PointDirectory))
        {
            var seeds = new List<T>();
            foreach (var run in point)
            {
                var path = RunDirectory.PathOf(directory, run);
                var (value, note) = RunDirectory.Difference(path, run) is { } difference
                    ? (null, $"with other settings: {difference}")
                    : read(run, path);
                if (value is null && note is null) note = LostFiles.Of(path)?.Advice;
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

    /// <summary>The same for files that exist as a whole or not at all.</summary>
    public IReadOnlyList<(Run First, IReadOnlyList<T> Seeds)> Read<T>(IEnumerable<Run> runs, Func<string, T?> read) where T : class =>
        Read(runs, (_, path) => (read(path), (string?)null));

    /// <summary>What distinguishes a run from others: its values on the axes that vary among them, or its rule when none does.</summary>
    public static string Label(Run run, IReadOnlyList<Run> others, IEnumerable<string> axes)
    {
        var varying = axes
            .Where(axis => others.Select(other => other.Text(axis)).Distinct().Count() > 1)
            .Select(axis => axis is "cell" or "rule" ? run.Text(axis) : $"{axis} {run.Text(axis)}")
            .ToArray();
        return varying.Length == 0 ? run.Settings.Rule : string.Join(", ", varying);
    }
}
