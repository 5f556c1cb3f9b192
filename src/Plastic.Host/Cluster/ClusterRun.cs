using System.Text.Json;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Where a run stands, seen from its folder and Slurm's queue.</summary>
internal enum ClusterState
{
    /// <summary>It is trained.</summary>
    Finished,

    /// <summary>A process trains it.</summary>
    Running,

    /// <summary>A task will train it.</summary>
    Waiting,

    /// <summary>It was asked to stop, or interrupted, and no task will train it.</summary>
    Stopped,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>It was begun or submitted, and whoever was to train it is gone.</summary>
    Lost,
}

/// <summary>A run as `status` shows it.</summary>
/// <param name="Directory">Its folder in the folder of all runs; '/' between the parts.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Step">Updates made.</param>
/// <param name="Updates">All updates; 0 where they are not known.</param>
/// <param name="Settings">Its settings; empty where they cannot be read.</param>
/// <param name="Job">The task in Slurm's queue that trains it or will; null for none.</param>
/// <param name="Note">What a person should know of it; empty for nothing.</param>
internal sealed record ClusterRun(
    string Directory, ClusterState State, int Step, int Updates, IReadOnlyDictionary<string, JsonElement> Settings, string? Job, string Note)
{
    /// <summary>Seconds that it still takes; null where nothing is to go by.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>How long an update takes, validations included, as last seen; null before the second validation.</summary>
    public double? Pace { get; init; }

    /// <summary>A run.</summary>
    /// <param name="root">The folder of all runs.</param>
    /// <param name="directory">Its folder there.</param>
    /// <param name="task">The last task that it was given to; null for none.</param>
    /// <param name="knowsQueue">Whether Slurm's queue is known.</param>
    public static ClusterRun Of(string root, string directory, GivenTask? task, bool knowsQueue)
    {
        var path = Path.GetFullPath(Path.Combine([root, .. directory.Split('/')]));
        var status = RunStatus.Read(path);
        var settings = JsonFile.ReadOrNull<Dictionary<string, JsonElement>>(Path.Combine(path, RunDirectory.ConfigFile)) ?? task?.Run.Settings ?? [];
        var updates = settings.TryGetValue("max_batch", out var last) && last.ValueKind == JsonValueKind.Number && last.TryGetInt32(out var number) ? number + 1 : 0;
        var (state, note) = StateOf(path, status, task, knowsQueue);
        return new ClusterRun(
            directory, state, state == ClusterState.Finished ? updates : StepOf(path, status), updates, settings,
            state is ClusterState.Running or ClusterState.Waiting ? task?.Queued is { } queued ? $"{queued.Job}_{queued.Task}" : null : null, note)
        {
            Pace = PaceOf(path),
        };
    }

    private static (ClusterState, string Note) StateOf(string path, RunStatus? status, GivenTask? task, bool knowsQueue)
    {
        if (RunDirectory.IsFinished(path)) return (ClusterState.Finished, LostFiles.Of(path)?.Text ?? "");
        var summary = RunSummary.Of(path);
        if (summary.IsTraining) return (ClusterState.Running, $"on {status!.Host}");
        var asked = StopFile.IsThere(path);
        if (asked) return (ClusterState.Stopped, "asked to stop");
        // A run that failed before it was submitted again waits; one that failed in the task that still runs does not.
        var isOver = status is { State: RunState.Failed } && (task is null || task.IsOlderThan(path));
        if (isOver) return (ClusterState.Failed, status!.Message ?? "");
        if (task?.Queued is { } queued) return (ClusterState.Waiting, queued.IsWaiting ? "in the queue" : "its task runs");
        return status switch
        {
            { State: RunState.Failed } => (ClusterState.Failed, status.Message ?? ""),
            { State: RunState.Interrupted } => (ClusterState.Stopped, status.Message ?? "interrupted"),
            not null => (ClusterState.Lost, $"{status.Host ?? "its process"} no longer trains it"),
            null when System.IO.Directory.Exists(path) => (ClusterState.Lost, "its status cannot be read"),
            null when task is null or { IsOfSlurm: false } => (ClusterState.Waiting, "for another engine"),
            null when !knowsQueue => (ClusterState.Waiting, "its job is not seen from here"),
            null => (ClusterState.Lost, "its job is gone"),
        };
    }

    private static int StepOf(string path, RunStatus? status) =>
        Math.Max(status?.Step ?? 0, Checkpoint.NewestStep(Path.Combine(path, RunDirectory.Checkpoints)));

    private static double? PaceOf(string path)
    {
        try
        {
            var times = JsonLines.ReadGrowing<Timing>(Path.Combine(path, RunDirectory.TimingFile));
            // Of one part of the run: the clock of another began anew.
            return times is [.., var before, var now] && now.Step > before.Step && now.Seconds > before.Seconds
                ? (now.Seconds - before.Seconds) / (now.Step - before.Step)
                : null;
        }
        catch (PlasticException)
        {
            return null;
        }
    }
}

/// <summary>The task that a run was given to.</summary>
/// <param name="Submission">The submission.</param>
/// <param name="Number">The task's number.</param>
/// <param name="Run">The run there.</param>
/// <param name="Queued">The task in Slurm's queue; null where it is not there.</param>
internal sealed record GivenTask(Submission Submission, int Number, TaskRun Run, QueuedTask? Queued)
{
    /// <summary>Whether Slurm was to start it.</summary>
    public bool IsOfSlurm => Submission.Facts.Arrays.Length > 0;

    /// <summary>Whether the status of a run was written after the submission was made.</summary>
    public bool IsOlderThan(string path) =>
        File.GetLastWriteTimeUtc(Path.Combine(path, RunDirectory.StatusFile)) > File.GetLastWriteTimeUtc(Path.Combine(Submission.Path, Submission.TasksFile));
}
