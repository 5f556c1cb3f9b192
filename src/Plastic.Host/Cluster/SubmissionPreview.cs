using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>A submission in words: what `submit` reports, and what `submit --dry-run` shows.</summary>
internal static class SubmissionPreview
{
    /// <summary>"24 runs of NAME in 8 tasks, each with 2 processors, 310 MB and at most 0:30".</summary>
    public static string Summary(SubmissionPlan plan, SubmitRequest request) =>
        $"{CountText.Of(plan.Tasks.Sum(task => task.Count), "run")} of {request.Plan.Name} in {CountText.Of(plan.Tasks.Count, "task")}, each with "
        + $"{CountText.Of(plan.Needs.Cpus, "processor")}"
        + (request.Engine == TaskEngine.Slurm ? $", {plan.Needs.MemoryMb} MB and at most {HoursOf(plan.Needs.Minutes)}" : $" and {plan.Needs.MemoryMb} MB");

    /// <summary>"tasks 0 to 7, at most 3 at once".</summary>
    public static string Of(TaskArray array) =>
        (array.Tasks == 1 ? $"task {array.First}" : $"tasks {array.First} to {array.First + array.Tasks - 1}")
        + (array.AtOnce > 0 && array.AtOnce < array.Tasks ? $", at most {array.AtOnce} at once" : "");

    /// <summary>All of what would be submitted.</summary>
    public static void Show(SubmissionPlan plan, SubmitRequest request, Output output)
    {
        var commands = Commands(plan).Select(words => ShellText.Join(words.Prepend("sbatch"))).ToArray();
        var lines = Enumerable.Range(0, plan.Tasks.Count).Select(plan.Script.Line).ToArray();
        var isForSlurm = request.Engine == TaskEngine.Slurm;
        output.Document(new
        {
            request.Plan.Name,
            Submission = plan.Path,
            Tasks = plan.Tasks.Select(task => task.Select(each => each.Path)),
            plan.Needs.Cpus,
            plan.Needs.MemoryMb,
            Minutes = isForSlurm ? plan.Needs.Minutes : (int?)null,
            SecondsEstimated = plan.Seconds?.Sum(),
            Commands = isForSlurm ? commands : lines,
            Script = isForSlurm ? plan.Script.Task : null,
            FiguresScript = isForSlurm && plan.DrawsFigures ? plan.FiguresScript : null,
        });
        output.Result(Summary(plan, request));
        if (plan.Seconds is { } seconds) output.Result($"about {DurationText.Of(TimeSpan.FromSeconds(seconds.Sum()))} one after the other, as measured on this machine");
        output.Result("");
        foreach (var (task, number) in plan.Tasks.Select((task, number) => (task, number)))
        {
            foreach (var (_, path) in task) output.Result($"task {number}: {path}");
        }
        if (isForSlurm)
        {
            Part(Submission.ScriptFile, plan.Script.Task);
            if (plan.DrawsFigures) Part(Submission.FiguresFile, plan.FiguresScript);
            Part("commands", string.Join('\n', commands));
        }
        else Part(Submission.CommandsFile, string.Join('\n', lines));
        output.Result("");
        output.Result("nothing was submitted");

        void Part(string title, string text)
        {
            output.Result($"\n── {title} ──");
            output.Result(text.TrimEnd('\n'));
        }
    }

    /// <summary>The words for sbatch of all jobs, with names in place of the numbers of jobs that are not known yet.</summary>
    private static IEnumerable<IReadOnlyList<string>> Commands(SubmissionPlan plan)
    {
        string NameOf(int array) => $"JOB{array + 1}";
        foreach (var array in plan.Arrays) yield return plan.Words(array, array.After < 0 ? null : NameOf(array.After));
        if (plan.DrawsFigures && plan.Arrays.Count > 0) yield return plan.FiguresWords(Enumerable.Range(0, plan.Arrays.Count).Select(NameOf));
    }

    private static string HoursOf(int minutes) => $"{minutes / 60}:{minutes % 60:D2} h";
}
