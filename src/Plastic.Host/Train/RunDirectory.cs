using System.Text;
using System.Text.Json;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>What is at a run's place.</summary>
internal enum RunPresence
{
    Absent,
    Finished,
    Unfinished,
}

/// <summary>
/// The folder of a run. It appears as a whole or not at all, belongs to one process while that trains, and never takes the
/// place of a run with other settings.
/// </summary>
internal sealed class RunDirectory : IDisposable
{
    public const string ConfigFile = "config.json";
    public const string StatusFile = "status.json";
    public const string MetricsFile = "metrics.jsonl";
    public const string TestFile = "test.json";
    public const string Checkpoints = "checkpoints";

    private readonly FileStream claim;

    private RunDirectory(string path, FileStream claim) => (Path, this.claim) = (path, claim);

    public string Path { get; }

    /// <summary>The folder of all runs under the folder that --out names.</summary>
    public static string Root(string directory) => System.IO.Path.Combine(directory, "runs");

    /// <summary>Where a run belongs.</summary>
    public static string PathOf(string directory, Run run) =>
        System.IO.Path.Combine([Root(directory), .. run.Directory.Split('/')]);

    /// <summary>What is there already.</summary>
    /// <exception cref="PlasticException">Something other than this run.</exception>
    public static RunPresence Inspect(string path, Run run)
    {
        if (!System.IO.Path.Exists(path)) return RunPresence.Absent;
        if (!File.Exists(System.IO.Path.Combine(path, ConfigFile)))
        {
            throw new PlasticException(ExitCode.Exists, $"{path} exists and is no run");
        }
        if (Difference(path, run) is { } difference)
        {
            throw new PlasticException(
                ExitCode.Exists, $"{path} holds a run with other settings ({difference}); use another --out");
        }
        return IsFinished(path) ? RunPresence.Finished : RunPresence.Unfinished;
    }

    /// <summary>
    /// Makes the folder, with the files that say what the run is. An unfinished run at the same place is removed.
    /// </summary>
    /// <exception cref="PlasticException">Another process trains this run, or the folder cannot be made.</exception>
    public static RunDirectory Create(string path, IReadOnlyDictionary<string, string> files)
    {
        var parent = System.IO.Path.GetDirectoryName(path)!;
        var name = System.IO.Path.GetFileName(path);
        // Of these there is one each: whoever was killed while it had them left them to the next.
        var temporary = System.IO.Path.Combine(parent, $".{name}.tmp");
        var discarded = System.IO.Path.Combine(parent, $".{name}.old.tmp");
        var made = FirstMissing(parent);
        FileStream? claim = null;
        try
        {
            Directory.CreateDirectory(parent);
            claim = Claim(LockOf(path), path);
            if (IsFinished(path))
            {
                throw new PlasticException(ExitCode.Exists, $"{path} was finished by another process meanwhile");
            }
            foreach (var left in new[] { temporary, discarded })
            {
                if (Directory.Exists(left)) Directory.Delete(left, recursive: true);
            }
            Directory.CreateDirectory(System.IO.Path.Combine(temporary, Checkpoints));
            foreach (var (file, content) in files)
            {
                AtomicFile.WriteThrough(System.IO.Path.Combine(temporary, file), content);
            }
            CLibrary.SyncFolder(temporary);
            // In one step, so that there is a whole run or none.
            if (Directory.Exists(path)) Directory.Move(path, discarded);
            CLibrary.Rename(temporary, path);
            CLibrary.SyncFolder(parent);
            if (Directory.Exists(discarded)) Directory.Delete(discarded, recursive: true);
            return new RunDirectory(path, claim);
        }
        catch (Exception thrown)
        {
            if (claim is not null && Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            claim?.Dispose();
            RemoveEmpty(parent, made);
            if (thrown is IOException or UnauthorizedAccessException)
            {
                throw new PlasticException(ExitCode.InputOutput, $"cannot write to {parent}: {thrown.Message}", thrown);
            }
            throw;
        }
    }

    /// <summary>
    /// Gives a run other settings to go on under, from its newest checkpoint of a step that it has under both; a finished run
    /// is unfinished then. Whoever is killed on the way leaves a run that goes on under its old settings.
    /// </summary>
    /// <exception cref="PlasticException">Another process trains this run, or it has no such checkpoint.</exception>
    public static void Change(string path, Run from, Run to)
    {
        using var claim = Claim(LockOf(path), path);
        var last = Math.Min(from.Settings.MaxBatch, to.Settings.MaxBatch);
        if (IsFinished(path) && to.Settings.MaxBatch <= from.Settings.MaxBatch)
        {
            throw new PlasticException(
                ExitCode.Configuration, $"{path} is finished at max_batch={from.Settings.MaxBatch}: a larger one goes on");
        }
        var folder = System.IO.Path.Combine(path, Checkpoints);
        if (Checkpoint.NewestWhole(folder, last) is not { } step)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"{path} has no checkpoint of step {last} or before it, to go on from with other settings");
        }
        AtomicFile.Write(System.IO.Path.Combine(path, StatusFile), new RunStatus(RunStatus.Interrupted, step).Json);
        File.Delete(System.IO.Path.Combine(path, TestFile));
        Checkpoint.RemoveAfter(folder, step);
        AtomicFile.Write(System.IO.Path.Combine(path, ConfigFile), to.Json);
    }

    /// <summary>Takes an unfinished run as it is, to go on with it.</summary>
    /// <exception cref="PlasticException">Another process trains this run, or has finished it meanwhile.</exception>
    public static RunDirectory Reopen(string path)
    {
        var claim = Claim(LockOf(path), path);
        try
        {
            if (IsFinished(path))
            {
                throw new PlasticException(ExitCode.Exists, $"{path} was finished by another process meanwhile");
            }
            RemoveTemporaries(path);
            return new RunDirectory(path, claim);
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>A file of the run.</summary>
    public string PathTo(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Replaces a file of the run, as a whole.</summary>
    public void Write(string name, string content) =>
        AtomicFile.Write(PathTo(name), content);

    /// <summary>Lets go of the run.</summary>
    public void Dispose() => claim.Dispose();

    /// <summary>Whether a finished run is there.</summary>
    public static bool IsFinished(string path) =>
        RunStatus.Read(path)?.State == RunStatus.Finished && File.Exists(System.IO.Path.Combine(path, TestFile));

    /// <summary>Whether this very run is there, finished.</summary>
    public static bool IsFinished(string path, Run run) => IsFinished(path) && Difference(path, run) is null;

    /// <summary>
    /// Which settings the run in a folder has otherwise, in words; null when it has the same, or the folder says nothing of them.
    /// </summary>
    public static string? Difference(string path, Run run)
    {
        var config = System.IO.Path.Combine(path, ConfigFile);
        if (!File.Exists(config)) return null;
        try
        {
            var text = File.ReadAllText(config);
            if (text == run.Json || SavedRun.Read(path).Settings.Equals(run.Settings)) return null;
            using var there = JsonDocument.Parse(text);
            using var here = JsonDocument.Parse(run.Json);
            var keys = here.RootElement.EnumerateObject()
                .Where(key => !there.RootElement.TryGetProperty(key.Name, out var value)
                    || value.GetRawText() != key.Value.GetRawText())
                .Select(key => key.Name)
                .ToArray();
            return keys.Length > 0 ? string.Join(", ", keys) : "of another version";
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or PlasticException)
        {
            return $"its {ConfigFile} cannot be read";
        }
    }

    /// <summary>What somebody who was killed had not given its name yet.</summary>
    private static void RemoveTemporaries(string path)
    {
        foreach (var folder in new[] { path, System.IO.Path.Combine(path, Checkpoints) }.Where(Directory.Exists))
        {
            foreach (var left in Directory.GetDirectories(folder, ".*.tmp")) Directory.Delete(left, recursive: true);
            foreach (var left in Directory.GetFiles(folder, "*.tmp")) File.Delete(left);
        }
    }

    private static string LockOf(string path) => System.IO.Path.Combine(
        System.IO.Path.GetDirectoryName(path)!, $".{System.IO.Path.GetFileName(path)}.lock");

    // Beside the folder and not in it: the folder may be removed while it is held.
    private static FileStream Claim(string file, string path)
    {
        try
        {
            return new FileStream(
                file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException thrown) when (File.Exists(file))
        {
            throw new PlasticException(ExitCode.Exists, $"{path} is being trained by another process", thrown);
        }
    }

    private static string? FirstMissing(string? path)
    {
        string? missing = null;
        for (path = System.IO.Path.GetFullPath(path!); path is not null && !Directory.Exists(path);)
        {
            missing = path;
            path = System.IO.Path.GetDirectoryName(path);
        }
        return missing;
    }

    private static void RemoveEmpty(string path, string? upTo)
    {
        if (upTo is null) return;
        for (var full = System.IO.Path.GetFullPath(path); full.Length >= upTo.Length; full = System.IO.Path.GetDirectoryName(full)!)
        {
            if (!Directory.Exists(full)) continue;
            if (Directory.EnumerateFileSystemEntries(full).Any()) return;
            Directory.Delete(full);
        }
    }
}
