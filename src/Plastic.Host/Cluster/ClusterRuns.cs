using Plastic.Settings;

namespace Plastic.Host;

/// <summary>All runs of an experiment, those that only submissions know included.</summary>
/// <param name="All">The runs, by folder.</param>
/// <param name="QueueFault">Why Slurm's queue is not known; empty where it is, or where nothing was given to Slurm.</param>
internal sealed record ClusterRuns(IReadOnlyList<ClusterRun> All, string QueueFault)
{
    /// <summary>The runs of an experiment.</summary>
    /// <exception cref="PlasticException">There are none.</exception>
    public static ClusterRuns Of(string directory, string name)
    {
        var root = Path.GetFullPath(RunDirectory.Root(directory));
        var folder = Path.GetFullPath(Path.Combine(root, name));
        if (Path.GetDirectoryName(folder) != root || !Directory.Exists(folder)) throw None(root, name);
        var submissions = Submission.All(directory, name);
        var (queue, fault) = QueueOf(submissions);
        // The last submission that a run was given to counts.
        var tasks = new Dictionary<string, GivenTask>();
        foreach (var submission in submissions)
        {
            var live = submission.Live(queue);
            foreach (var (line, number) in submission.Tasks.Select((line, number) => (line, number)))
            {
                foreach (var run in line.Runs) tasks[run.Directory] = new GivenTask(submission, number, run, live.GetValueOrDefault(number));
            }
        }
        var directories = RunFolders.Under(folder).Select(path => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/'))
            .Union(tasks.Keys).Order(StringComparer.Ordinal).ToArray();
        if (directories.Length == 0) throw None(root, name);
        var runs = directories.Select(each => ClusterRun.Of(root, each, tasks.GetValueOrDefault(each), fault.Length == 0)).ToArray();
        return new ClusterRuns(Timed(runs), fault);
    }

    /// <summary>How many are in a state.</summary>
    public int Count(ClusterState state) => All.Count(run => run.State == state);

    /// <summary>Updates that running and waiting runs have left.</summary>
    public long StepsLeft => Active.Sum(run => (long)Math.Max(0, run.Updates - run.Step));

    /// <summary>Seconds until running and waiting runs are finished, if as many run as now; null where nothing is to go by.</summary>
    public double? SecondsLeft => Active.Any(run => run.SecondsLeft is not null)
        ? Math.Max(Active.Max(run => run.SecondsLeft ?? 0), Active.Sum(run => run.SecondsLeft ?? 0) / Math.Max(1, Count(ClusterState.Running)))
        : null;

    private IEnumerable<ClusterRun> Active => All.Where(run => run.State is ClusterState.Running or ClusterState.Waiting);

    private static (IReadOnlyList<QueuedTask>, string Fault) QueueOf(IReadOnlyList<Submission> submissions)
    {
        if (submissions.All(submission => submission.Facts.Arrays.Length == 0)) return ([], "");
        try
        {
            return (Slurm.Queue(), "");
        }
        catch (PlasticException fault)
        {
            return ([], fault.Message);
        }
    }

    /// <summary>The same with the time left: at a run's own pace, or else that of its point's other runs, or of all.</summary>
    private static IReadOnlyList<ClusterRun> Timed(IReadOnlyList<ClusterRun> runs)
    {
        string PointOf(ClusterRun run) => Path.GetDirectoryName(run.Directory) ?? "";
        var points = runs.Where(run => run.Pace is not null).GroupBy(PointOf).ToDictionary(point => point.Key, point => point.Average(run => run.Pace!.Value));
        double? all = points.Count == 0 ? null : points.Values.Average();
        return
        [
            .. runs.Select(run => run.State is ClusterState.Running or ClusterState.Waiting && run.Updates > 0
                ? run with
                {
                    SecondsLeft = (run.Pace ?? (points.TryGetValue(PointOf(run), out var pace) ? pace : all)) * Math.Max(0, run.Updates - run.Step),
                }
                : run),
        ];
    }

    private static PlasticException None(string root, string name) =>
        new(ExitCode.MissingInput, $"no runs of {SafeText.Line(name)} in {root} (plastic list runs)");
}
