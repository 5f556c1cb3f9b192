using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// The runs that submissions hold: those whose task is in Slurm's queue, and those that were given to another engine. Submissions are read
/// again when there are others; the queue is asked twice a minute, aside, so that a slow controller delays nobody.
/// </summary>
/// <param name="root">The folder of all runs.</param>
/// <param name="queue">Asks for the queue.</param>
internal sealed class SubmittedRuns(string root, Func<IReadOnlyList<QueuedTask>> queue)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (FileMark Mark, DateTime At, IReadOnlyList<Submission> All)> known = [];
    private System.Threading.Tasks.Task<IReadOnlyList<QueuedTask>>? asking;
    private IReadOnlyList<QueuedTask> queued = [];
    private DateTime asked;

    /// <summary>Their folders and settings, whether or not they have begun; those with code of their own are left out.</summary>
    /// <param name="now">The time.</param>
    public IEnumerable<(string Directory, Run Run)> All(DateTime now)
    {
        var submissions = Submissions(now);
        if (submissions.Any(submission => submission.Facts.Arrays.Length > 0)) Ask(now);
        return submissions.SelectMany(Due).Where(run => run.Code is null)
            .SelectMany(run => Read(run) is { } read ? new[] { (run.Directory, read) } : []);
    }

    private IEnumerable<TaskRun> Due(Submission submission) =>
        submission.Facts.Arrays.Length == 0 ? submission.Tasks.SelectMany(line => line.Runs) : submission.LiveRuns(queued);

    private static Run? Read(TaskRun run)
    {
        try
        {
            return SavedRun.Of(run.Directory, run.Settings, Library.BuiltIn);
        }
        catch (PlasticException)
        {
            return null;
        }
    }

    private Submission[] Submissions(DateTime now)
    {
        try
        {
            return Found(now);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A folder that goes, or that is not ours to list.
            return [];
        }
    }

    private Submission[] Found(DateTime now)
    {
        if (!Directory.Exists(root)) return [];
        var folders = Directory.GetDirectories(root).Where(folder => FileMark.OfFolder(folder).Exists).Select(folder => Path.Combine(folder, RunFolders.Submissions));
        return [.. folders.SelectMany(folder =>
        {
            var mark = FileMark.OfFolder(folder);
            if (!mark.Exists) return [];
            if (!known.TryGetValue(folder, out var before) || !before.Mark.IsStill(mark, before.At)) known[folder] = before = (mark, now, ReadAll(folder));
            return before.All;
        })];
    }

    private static IReadOnlyList<Submission> ReadAll(string folder) => [.. Directory.GetDirectories(folder)
        .Where(path => !Path.GetFileName(path).StartsWith('.') && FileMark.OfFolder(path).Exists && OwnFiles.Fault(path, Submission.TasksFile, Submission.FactsFile) is null)
        .Order(StringComparer.Ordinal)
        .SelectMany(path =>
        {
            try
            {
                return new[] { Submission.Read(path) };
            }
            catch (PlasticException)
            {
                return [];
            }
        })];

    private void Ask(DateTime now)
    {
        if (asking is { IsCompleted: true })
        {
            queued = asking.Result;
            asking = null;
        }
        if (asking is not null || now - asked < Shortest) return;
        asked = now;
        // On a thread of its own: it waits for another program.
        asking = System.Threading.Tasks.Task.Factory.StartNew<IReadOnlyList<QueuedTask>>(() =>
        {
            try
            {
                return queue();
            }
            catch (PlasticException)
            {
                // No Slurm here, or it does not answer.
                return [];
            }
        }, TaskCreationOptions.LongRunning);
    }
}
