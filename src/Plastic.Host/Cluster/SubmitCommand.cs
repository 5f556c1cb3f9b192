using System.Globalization;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// `plastic submit NAME`: the runs that are left to do, as job arrays of Slurm or as commands for another engine. It returns when sbatch has
/// answered; the run folders are the state from then on.
/// </summary>
internal sealed class SubmitCommand(SubmitRequest request, string command, Output output)
{
    private readonly string folder = Submission.FolderOf(request.Directory, request.Plan.Name);

    private bool IsForSlurm => request.Engine == TaskEngine.Slurm;

    /// <param name="request">What to submit.</param>
    /// <param name="words">The command line, for the record.</param>
    /// <param name="output">Where results and messages go.</param>
    public static ExitCode Run(SubmitRequest request, IReadOnlyList<string> words, Output output)
    {
        foreach (var idle in request.Plan.Idle) output.Warn(idle);
        foreach (var run in request.Plan.Runs) ImageTask.Require(run.Task);
        try
        {
            return new SubmitCommand(request, CommandText.Of(words), output).Run();
        }
        catch (OperationCanceledException)
        {
            output.Message("stopped; nothing was submitted");
            return ExitCode.Interrupted;
        }
    }

    private ExitCode Run()
    {
        var limits = IsForSlurm ? Slurm.ReadLimits() : null;
        using var held = request.DryRun ? null : FolderLock.Take(folder, "submit", TimeSpan.Zero);
        var choice = RunChoice.Of(request.Plan, request.Directory, Queue());
        if (choice.LeftOut.Length > 0) output.Message($"{CountText.Of(request.Plan.Runs.Count, "run")} of {request.Plan.Name}: {choice.LeftOut}");
        if (choice.ToDo.Count == 0)
        {
            output.Message("nothing is left to submit");
            output.Document(new { request.Plan.Name, Submission = (string?)null, Runs = 0, Tasks = 0, Jobs = Array.Empty<string>() });
            return ExitCode.Ok;
        }
        var plan = new SubmissionPlan(request, command, NewPath(), choice.ToDo, limits);
        RequireReadable(plan);
        if (request.DryRun)
        {
            SubmissionPreview.Show(plan, request, output);
            return ExitCode.Ok;
        }
        SubmissionWriter.Write(plan, Path.GetFullPath(RunDirectory.Root(request.Directory)), hasCommands: !IsForSlurm);
        // Who asks for a run again takes back what stopped it: before a job begins, which would leave out the run.
        var stopped = choice.ToDo.Select(each => each.Path).Where(StopFile.IsThere).ToArray();
        foreach (var path in stopped) StopFile.Remove(path);
        IReadOnlyList<JobFacts> jobs;
        try
        {
            jobs = IsForSlurm ? Submitted(plan) : [];
        }
        catch
        {
            foreach (var path in stopped) StopFile.Put(path);
            throw;
        }
        Report(plan, jobs);
        return ExitCode.Ok;
    }

    /// <summary>What Slurm's queue has. Where there is no Slurm, the tasks of another engine are known by the claims to their runs alone.</summary>
    private IReadOnlyList<QueuedTask> Queue() =>
        IsForSlurm || Submission.All(request.Directory, request.Plan.Name).Any(submission => submission.Facts.Arrays.Length > 0) ? Slurm.Queue() : [];

    /// <summary>Gives the jobs to sbatch; where it refuses one, the others are cancelled, and nothing is left of the submission.</summary>
    private IReadOnlyList<JobFacts> Submitted(SubmissionPlan plan)
    {
        // A signal between sbatch's answer and its record would leave a job that nobody knows.
        using var interruption = new Interruption();
        var jobs = new List<JobFacts>();
        JobFacts Submit(IReadOnlyList<string> words, int first, int tasks)
        {
            var job = new JobFacts(Slurm.Submit(words), first, tasks, ShellText.Join(words.Prepend("sbatch")));
            jobs.Add(job);
            return job;
        }
        void Write(JobFacts? figures) => AtomicFile.Write(
            Path.Combine(plan.Path, Submission.FactsFile), JsonText.Document(plan.Facts([.. jobs.Where(job => job.Tasks > 0)], figures)));

        try
        {
            foreach (var array in plan.Arrays)
            {
                interruption.Token.ThrowIfCancellationRequested();
                Submit(plan.Words(array, array.After < 0 ? null : jobs[array.After].Job), array.First, array.Tasks);
                Write(null);
            }
            if (plan.DrawsFigures) Write(Submit(plan.FiguresWords([.. jobs.Select(job => job.Job)]), 0, 0));
            return jobs;
        }
        catch
        {
            Slurm.Cancel([.. jobs.Select(job => job.Job)]);
            Directory.Delete(plan.Path, recursive: true);
            throw;
        }
    }

    private void Report(SubmissionPlan plan, IReadOnlyList<JobFacts> jobs)
    {
        var place = Path.GetRelativePath(Directory.GetCurrentDirectory(), plan.Path);
        output.Document(new
        {
            request.Plan.Name,
            Submission = plan.Path,
            Runs = plan.Tasks.Sum(task => task.Count),
            Tasks = plan.Tasks.Count,
            Jobs = jobs.Select(job => job.Job),
        });
        output.Result(SubmissionPreview.Summary(plan, request));
        foreach (var (job, array) in jobs.Zip(plan.Arrays)) output.Result($"job {job.Job}: {SubmissionPreview.Of(array)}");
        if (jobs.Count > plan.Arrays.Count) output.Result($"job {jobs[^1].Job}: draws the figures when they have ended");
        if (!IsForSlurm) output.Result($"one command a line: {Path.Combine(place, Submission.CommandsFile)}");
        output.Result(place);
    }

    /// <summary>A folder named for the time, in UTC; with a number where there is one already.</summary>
    private string NewPath()
    {
        var name = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var path = Path.Combine(folder, name);
        for (var k = 2; Path.Exists(path); k++) path = Path.Combine(folder, $"{name}-{k}");
        return path;
    }

    /// <summary>Refuses folders whose names an engine would read as something else.</summary>
    private void RequireReadable(SubmissionPlan plan)
    {
        var fault = IsForSlurm
            ? plan.Path.Contains('\\') ? "a backslash in its path, which Slurm does not read as a letter" : ""
            : plan.Script.Line(0).Contains('\n') ? "a line break in its path, so that a command would not fit on one line" : "";
        if (fault.Length == 0) return;
        throw new PlasticException(ExitCode.Usage, $"{ShellText.Comment(plan.Path)} has {fault}: choose another folder with --out");
    }
}
