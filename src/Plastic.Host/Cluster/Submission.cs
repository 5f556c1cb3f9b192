using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// A submission: runs/NAME/submissions/TIME/ with tasks.jsonl, the job scripts, a copy of the program, the logs of its jobs, and job.json. It
/// appears as a whole or not at all; jobs write nothing to it but logs and what <see cref="Restarts"/> needs.
/// </summary>
/// <param name="Path">The full path of its folder.</param>
/// <param name="Facts">Its job.json.</param>
/// <param name="Tasks">Its tasks.</param>
internal sealed record Submission(string Path, SubmissionFacts Facts, IReadOnlyList<TaskLine> Tasks)
{
    public const string FactsFile = "job.json";
    public const string TasksFile = "tasks.jsonl";
    public const string ScriptFile = "job.sh";
    public const string FiguresFile = "figures.sh";
    public const string CommandsFile = "commands.txt";
    public const string ProgramFolder = "program";
    public const string CodeFolder = "code";
    public const string LogsFolder = "logs";
    public const string RestartsFolder = "restarts";

    /// <summary>The folder of an experiment's submissions.</summary>
    public static string FolderOf(string directory, string name) =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(RunDirectory.Root(directory), name, RunFolders.Submissions));

    /// <summary>The submissions of an experiment, the oldest first.</summary>
    /// <exception cref="PlasticException">One cannot be read.</exception>
    public static IReadOnlyList<Submission> All(string directory, string name)
    {
        var folder = FolderOf(directory, name);
        return Directory.Exists(folder)
            ?
            [
                .. Directory.EnumerateDirectories(folder)
                    .Where(path => !System.IO.Path.GetFileName(path).StartsWith('.'))
                    .Order(StringComparer.Ordinal).Select(Read),
            ]
            : [];
    }

    /// <summary>The submission in a folder.</summary>
    /// <exception cref="PlasticException">There is none, or it cannot be read.</exception>
    public static Submission Read(string path)
    {
        path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        var (facts, tasks) = (System.IO.Path.Combine(path, FactsFile), System.IO.Path.Combine(path, TasksFile));
        if (!File.Exists(facts) || !File.Exists(tasks))
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"{path} is not a submission: it has no {FactsFile} or no {TasksFile} (plastic submit makes one)");
        }
        var lines = JsonLines.Read<TaskLine>(tasks);
        foreach (var run in lines.SelectMany(line => line.Runs))
        {
            foreach (var place in new[] { run.Directory, run.Code ?? "x" })
            {
                if (place.Length == 0 || System.IO.Path.IsPathRooted(place) || place.Split('/').Contains(".."))
                {
                    throw JsonFile.Fault(tasks, "", $"{SafeText.Line(place)} is no folder below the submission's");
                }
            }
        }
        return new Submission(path, JsonFile.Read<SubmissionFacts>(facts), lines);
    }

    /// <summary>The folder of one of its runs: three folders up lies that of all runs.</summary>
    public string PathOf(TaskRun run) => System.IO.Path.GetFullPath(System.IO.Path.Combine([Path, "..", "..", "..", .. run.Directory.Split('/')]));

    /// <summary>One of its runs, with its code.</summary>
    /// <param name="run">The run.</param>
    /// <param name="reading">Whether the code may run.</param>
    /// <exception cref="CodeException">It may not, or cannot.</exception>
    /// <exception cref="PlasticException">The settings are none, or data are missing.</exception>
    public Run RunOf(TaskRun run, RunReading reading)
    {
        var library = run.Code is { } code ? RunCode.Loaded(System.IO.Path.Combine(Path, code), reading) : Library.BuiltIn;
        return SavedRun.Of(System.IO.Path.Combine(Path, TasksFile), run.Settings, library);
    }

    /// <summary>The runs of those of its tasks that are in Slurm's queue.</summary>
    public IEnumerable<TaskRun> LiveRuns(IReadOnlyList<QueuedTask> queue) =>
        Live(queue).Keys.Where(number => number < Tasks.Count).SelectMany(number => Tasks[number].Runs);

    /// <summary>Which of its tasks are in Slurm's queue, with their state there.</summary>
    public IReadOnlyDictionary<int, QueuedTask> Live(IReadOnlyList<QueuedTask> queue) => (
        from array in Facts.Arrays
        from task in queue
        where task.Job == array.Job && task.Task >= 0 && task.Task < array.Tasks
        select (Number: array.First + task.Task, Task: task)).DistinctBy(live => live.Number).ToDictionary(live => live.Number, live => live.Task);
}
