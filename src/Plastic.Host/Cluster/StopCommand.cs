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
        var running = asked.Count(run => RunStatus.Read(run)?.State == RunState.Running);
        output.Document(new { Asked = asked, Running = running, Finished = runs.Length - asked.Length });
        output.Result(
            asked.Length == 0
                ? $"nothing to stop: {CountText.Of(runs.Length, "run")}, all finished"
                : $"asked {CountText.Of(asked.Length, "run")} to stop ({running} in training); plastic train or resume goes on with them");
        return ExitCode.Ok;
    }

    /// <summary>The runs of a target that have a folder, and those of an experiment that a task will begin.</summary>
    private static IEnumerable<string> Of(string target, string directory)
    {
        string[] submitted =
        [
            .. from submission in Submission.All(directory, target)
               from task in submission.Tasks
               from run in task.Runs
               select submission.PathOf(run),
        ];
        return submitted.Length == 0 ? RunTargets.Of(target, directory) : submitted.Union(RunTargets.Find(target, directory).Select(Path.GetFullPath));
    }
}
