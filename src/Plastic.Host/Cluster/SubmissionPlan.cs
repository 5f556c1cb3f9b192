using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>What a submission will be: its tasks, what they need, and how they are given to the engine. Nothing is written yet.</summary>
internal sealed class SubmissionPlan
{
    // Short runs are packed until a task lasts this long: starting one takes Slurm and the runtime some seconds.
    private const double TaskSeconds = 600;

    // Measuring may take this long: `submit` answers at once.
    private const double ProbeSeconds = 1.5;

    // The runtime with what it has compiled, beside what a run takes; and what drawing figures takes.
    private const long RuntimeBytes = 192L << 20, CompilerBytes = 512L << 20, FigureBytes = 768L << 20;
    private const int FigureMinutes = 30;

    // Slurm may put a task back in the queue while its old process still trains; its claim ends after ten silent minutes.
    private const int ClaimSeconds = 600;
    private const int LongestPause = 30;

    private readonly SubmitRequest request;
    private readonly string command;

    /// <param name="request">What to submit.</param>
    /// <param name="command">The command line.</param>
    /// <param name="path">The full path of the folder that the submission gets.</param>
    /// <param name="runs">The runs, with their folders, at least one.</param>
    /// <param name="limits">Of the cluster; null for another engine than Slurm.</param>
    public SubmissionPlan(
        SubmitRequest request, string command, string path, IReadOnlyList<(Run Run, string Path)> runs, Slurm.Limits? limits)
    {
        (this.request, this.command, Path) = (request, command, path);
        var networks = new Networks();
        var share = new MachineShare(request.Resources, 1, [.. runs.Select(each => each.Run)], isTest: false, networks);
        if (request.Minutes == 0) Seconds = QuickEstimate.Of(runs, request.Resources, networks, ProbeSeconds, default);
        var packed = Seconds is { } seconds ? Packing.Of(seconds, TaskSeconds) : [.. runs.Select((_, k) => (IReadOnlyList<int>)[k])];
        Tasks = [.. packed.Select(task => (IReadOnlyList<(Run, string)>)[.. task.Select(k => runs[k])])];
        var longest = Seconds is { } known ? packed.Max(task => task.Sum(k => known[k])) : 0;
        var hasCode = runs.Any(each => each.Run is not { RuleFile: null, TaskFile: null });
        var needs = JobNeeds.Of(
            request.Resources.Threads, runs.Max(each => share.BytesOf(each.Run)), RuntimeBytes + (hasCode ? CompilerBytes : 0), longest);
        Needs = request.Minutes == 0 ? needs : new JobNeeds(needs.Cpus, needs.MemoryMb, request.Minutes);
        Arrays = limits is null ? [] : TaskArray.Split(Tasks.Count, limits.MaxArraySize, request.AtOnce);
        Script = new JobScript(
            command, ProgramCopy.Words(In(Submission.ProgramFolder)), path, Needs,
            trusts: hasCode,
            patience: (limits?.SlurmdTimeout ?? 0) + ClaimSeconds,
            pause: Math.Clamp(limits?.SlurmdTimeout ?? LongestPause, 1, LongestPause));
    }

    /// <summary>The full path of its folder.</summary>
    public string Path { get; }

    /// <summary>The runs of each task, with their folders.</summary>
    public IReadOnlyList<IReadOnlyList<(Run Run, string Path)>> Tasks { get; }

    /// <summary>About how long each run takes, in order; null where that was not measured.</summary>
    public IReadOnlyList<double>? Seconds { get; }

    /// <summary>What a task needs.</summary>
    public JobNeeds Needs { get; }

    /// <summary>The job arrays; none for another engine than Slurm.</summary>
    public IReadOnlyList<TaskArray> Arrays { get; }

    /// <summary>What the job scripts say.</summary>
    public JobScript Script { get; }

    /// <summary>Whether a last job draws figures.</summary>
    public bool DrawsFigures => request.Plan.Figures.Count > 0;

    /// <summary>The script of that job.</summary>
    public string FiguresScript => Script.Figures(
        ["figures", .. request.Words, "--allow-missing"], Directory.GetCurrentDirectory(), new JobNeeds(1, FigureBytes >> 20, FigureMinutes));

    /// <summary>The words for sbatch of an array.</summary>
    /// <param name="array">The array.</param>
    /// <param name="after">The number of the job that must have ended before; null for none.</param>
    public IReadOnlyList<string> Words(TaskArray array, string? after) =>
    [
        "--parsable", $"--array={SlurmText.Range(array)}", .. Named(request.Plan.Name, "%A_%a.txt"),
        .. after is null ? Array.Empty<string>() : [$"--dependency=afterany:{after}"], .. request.Sbatch, In(Submission.ScriptFile), $"{array.First}",
    ];

    /// <summary>The words for sbatch of the job that draws figures.</summary>
    /// <param name="after">The numbers of the arrays' jobs.</param>
    public IReadOnlyList<string> FiguresWords(IEnumerable<string> after) =>
    [
        "--parsable", $"--dependency=afterany:{string.Join(':', after)}", .. Named($"{request.Plan.Name} figures", "figures.txt"), .. request.Sbatch, In(Submission.FiguresFile),
    ];

    /// <summary>job.json, with the jobs so far.</summary>
    public SubmissionFacts Facts(IReadOnlyList<JobFacts> arrays, JobFacts? figures) => new(
        request.Plan.Name, command, DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), request.Engine == TaskEngine.Slurm ? "slurm" : "list",
        Tasks.Sum(task => task.Count), Tasks.Count, Needs.Cpus, Needs.MemoryMb, Needs.Minutes, [.. arrays])
    {
        Figures = figures,
    };

    /// <summary>A job's name, its folder and its log, whose name Slurm reads as a pattern, with the whole path.</summary>
    private string[] Named(string name, string log) =>
    [
        $"--job-name={ShellText.Comment(name)}", $"--chdir={In(Submission.LogsFolder)}",
        $"--output={System.IO.Path.Combine(SlurmText.Pattern(In(Submission.LogsFolder)), log)}",
    ];

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
