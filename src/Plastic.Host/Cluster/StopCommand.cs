using Plastic.CommandLine;

namespace Plastic.Host;

/// <summary>
/// `plastic stop RUN…`: asks runs to stop, whoever trains them and on whatever machine: they write a checkpoint and stop at their next step;
/// those that wait are not begun. `train` or `resume` takes them on again.
/// </summary>
internal static class StopCommand
{
    /// <param name="request">Which runs.</param>
    /// <param name="output">Where results go.</param>
    public static ExitCode Run(StopRequest request, Output output)
    {
        var runs = request.Targets.SelectMany(target => Of(target, request.Directory)).DistinctBy(Path.GetFullPath).ToArray();
        var asked = runs.Where(run => !RunDirectory.IsFinished(run)).ToArray();
        foreach (var run in asked) StopFile.Put(run);
        var running = asked.Count(run => RunSummary.Of(run).IsTraining);
        output.Document(new { Asked = asked, Running = running, Finished = runs.Length - asked.Length });
        output.Result(
            asked.Length == 0
                ? $"nothing to stop: {CountText.Of(runs.Length, "run")}, all finished"
                : $"asked {CountText.Of(asked.Length, "run")} to stop ({running} in training); plastic train or resume goes on with them");
        return ExitCode.Ok;
    }

    /// <summary>
    /// The runs of a target that have a folder, and, of an experiment, those that a task will begin, and those that wait for their turn in
    /// the processes that train the others.
    /// </summary>
    private static IEnumerable<string> Of(string target, string directory)
    {
        var root = RunDirectory.Root(directory);
        string[] submitted =
        [
            .. from submission in Submission.All(directory, target)
               from task in submission.Tasks
               from run in task.Runs
               select submission.PathOf(run),
        ];
        var found = submitted.Length == 0 ? RunTargets.Of(target, directory) : RunTargets.Find(target, directory);
        var waiting = new WaitingRuns().Of(found.Where(run => RunSummary.Of(run).IsTraining).Select(RunDirectory.CommandOf), root)
            .Where(run => run.Experiment == target).Select(run => Path.Combine(root, run.Directory));
        return submitted.Union(found.Concat(waiting).Select(Path.GetFullPath));
    }
}
