using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The runs of a plan by what `submit` does with them.</summary>
/// <param name="ToDo">Those that are neither finished nor in anyone's hands, with their folders.</param>
/// <param name="Finished">How many are finished.</param>
/// <param name="InJobs">Those that a task in Slurm's queue will train or trains.</param>
/// <param name="Training">Those that another process trains.</param>
internal sealed record RunChoice(IReadOnlyList<(Run Run, string Path)> ToDo, int Finished, IReadOnlyList<Run> InJobs, IReadOnlyList<Run> Training)
{
    /// <summary>Looks at every run of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="directory">The folder that holds runs/.</param>
    /// <param name="queue">What Slurm's queue has of this user.</param>
    /// <exception cref="PlasticException">A folder holds something else than the run.</exception>
    public static RunChoice Of(Plan plan, string directory, IReadOnlyList<QueuedTask> queue)
    {
        var inJobs = new HashSet<string>(
            from submission in Submission.All(directory, plan.Name)
            from run in submission.LiveRuns(queue)
            select submission.PathOf(run));
        var (todo, finished, waiting, training) = (new List<(Run, string)>(), 0, new List<Run>(), new List<Run>());
        foreach (var run in plan.Runs)
        {
            var path = RunDirectory.PathOf(directory, run);
            if (RunDirectory.Inspect(path, run) == RunPresence.Finished) finished++;
            else if (inJobs.Contains(Path.GetFullPath(path))) waiting.Add(run);
            else if (RunSummary.Of(path).IsTraining) training.Add(run);
            else todo.Add((run, path));
        }
        return new RunChoice(todo, finished, waiting, training);
    }

    /// <summary>"2 finished, 3 in jobs"; empty where all are to do.</summary>
    public string LeftOut => string.Join(", ", new[]
    {
        Finished > 0 ? $"{Finished} finished" : "",
        InJobs.Count > 0 ? $"{InJobs.Count} in jobs" : "",
        Training.Count > 0 ? $"{Training.Count} trained by another process" : "",
    }.Where(text => text.Length > 0));
}
