using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// Every run below a folder, for the page: refreshed from file times whenever somebody asks, at most twice a second. Only reads; takes no
/// locks of runs.
/// </summary>
/// <param name="root">The folder of all runs.</param>
/// <param name="queue">Asks for Slurm's queue; null for squeue.</param>
internal sealed class RunIndex(string root, Func<IReadOnlyList<QueuedTask>>? queue = null)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);

    private readonly Lock refreshing = new();
    private readonly FolderTree tree = new(root);
    private readonly Counter reads = new();
    private readonly WaitingRuns waitingRuns = new();
    private readonly SubmittedRuns submitted = new(root, queue ?? Slurm.Queue);
    private Dictionary<string, WatchedRun> runs = [];
    private Dictionary<string, (RunPlace Place, Run Run, long Version)> waiting = [];
    private HashSet<string> ids = [];
    private long version, left;
    private DateTime refreshed;

    /// <summary>How many files were opened so far.</summary>
    public long Reads => reads.Count;

    /// <summary>What is known at one moment.</summary>
    /// <param name="Runs">All runs.</param>
    /// <param name="Waiting">The runs that have no folder yet, and the versions in which they began to wait.</param>
    /// <param name="Ids">The ids of both.</param>
    /// <param name="Left">The version in which one last went.</param>
    /// <param name="Version">Of the last change.</param>
    internal sealed record State(
        IReadOnlyCollection<WatchedRun> Runs, IReadOnlyCollection<(RunPlace Place, Run Run, long Version)> Waiting,
        IReadOnlyCollection<string> Ids, long Left, long Version);

    /// <summary>What there is now.</summary>
    /// <typeparam name="T">What is made of it.</typeparam>
    /// <param name="use">Nothing changes until it returns.</param>
    public T Read<T>(Func<State, T> use)
    {
        lock (refreshing)
        {
            if (DateTime.UtcNow - refreshed >= Shortest)
            {
                Refresh(DateTime.UtcNow);
                refreshed = DateTime.UtcNow;
            }
            return use(new State(runs.Values, waiting.Values, ids, left, version));
        }
    }

    /// <summary>Looks at every folder once, whenever that was last done.</summary>
    public void Refresh()
    {
        lock (refreshing) Refresh(DateTime.UtcNow);
    }

    private void Refresh(DateTime now)
    {
        var next = version + 1;
        var found = tree.Runs(now).ToDictionary(path => path, path => runs.GetValueOrDefault(path) ?? new WatchedRun(root, path, reads));
        // At the start there are many to read.
        Parallel.ForEach(found.Values.Where(run => run.Version == 0), run => run.Refresh(now));
        foreach (var run in found.Values)
        {
            if (run.Version == 0 || run.Refresh(now)) (run.Version, version) = (next, next);
        }
        runs = found;
        var places = new Dictionary<string, (RunPlace, Run, long)>();
        var planned = waitingRuns.Of(runs.Values.Where(run => run.Kind == "running").Select(run => run.Command), root).Select(run => (run.Directory, Run: run));
        foreach (var (directory, run) in planned.Concat(submitted.All(now).Where(HasNotBegun)).DistinctBy(run => run.Directory))
        {
            if (!waiting.TryGetValue(directory, out var known)) known = (new RunPlace(directory), run, version = next);
            places.Add(directory, known);
        }
        waiting = places;
        // One that has begun keeps its id.
        var before = ids;
        ids = [.. runs.Values.Select(run => run.Place.Id), .. waiting.Values.Select(run => run.Place.Id)];
        if (!before.IsSubsetOf(ids)) left = version = next;
    }

    private bool HasNotBegun((string Directory, Run Run) run) =>
        Path.Combine(root, run.Directory) is var path && !Directory.Exists(path) && !StopFile.IsThere(path);
}
