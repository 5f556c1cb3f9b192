using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// The right to write to a run's folder, which one process holds at a time: nothing there changes unless the holder changes it.
/// </summary>
internal sealed class RunClaim : IDisposable
{
    private const int MostTries = 20;

    private readonly string path, parent;
    private readonly string? made;
    private readonly RunLock held;

    private RunClaim(string path, string? made, RunLock held)
    {
        (this.path, this.made, this.held) = (path, made, held);
        parent = Path.GetDirectoryName(path)!;
    }

    /// <summary>Claims a run's folder, which may not exist yet.</summary>
    /// <exception cref="PlasticException">Another process holds it, or the folder's parent cannot be written to.</exception>
    public static RunClaim Take(string path)
    {
        // Links resolved, so that all processes use the same lock.
        path = Path.GetFullPath(path);
        if (Directory.Exists(path)) path = Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        var parent = Path.GetDirectoryName(path)!;
        for (var left = MostTries; ; left--)
        {
            var made = FirstMissing(parent);
            try
            {
                Directory.CreateDirectory(parent);
                // Beside the folder, which may be replaced while the lock is held.
                if (RunLock.Take(path) is { } held) return new RunClaim(path, made, held);
                if (left == 0) throw new PlasticException(ExitCode.Exists, $"{path} is being trained by another process");
            }
            catch (DirectoryNotFoundException) when (left > 0)
            {
                // The process that had made the parent has removed it again.
            }
            catch (PlasticException)
            {
                RemoveEmpty(parent, made);
                throw;
            }
            catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
            {
                RemoveEmpty(parent, made);
                throw new PlasticException(ExitCode.InputOutput, $"cannot write to {parent}: {thrown.Message}", thrown);
            }
        }
    }

    /// <summary>Requires that the run is still this process's.</summary>
    /// <exception cref="PlasticException">Another process has taken it over.</exception>
    public void Require() => held.Require();

    /// <summary>Whether the run is still this process's.</summary>
    public bool IsHeld => held.IsHeld;

    /// <summary>Creates the folder with the files that describe the run. A run in its place is removed.</summary>
    /// <param name="files">Texts by the names of their files.</param>
    /// <param name="others">Other files by their paths in the folder: the code of a rule or a task from a file.</param>
    /// <exception cref="PlasticException">The folder cannot be created.</exception>
    public RunDirectory Create(IReadOnlyDictionary<string, string> files, IReadOnlyDictionary<string, byte[]> others)
    {
        held.Require();
        var name = Path.GetFileName(path);
        // One name each: a process that was killed leaves them for the next one to remove.
        var temporary = Path.Combine(parent, $".{name}.tmp");
        var discarded = Path.Combine(parent, $".{name}.old.tmp");
        try
        {
            foreach (var left in new[] { temporary, discarded })
            {
                if (Directory.Exists(left)) Directory.Delete(left, recursive: true);
            }
            Directory.CreateDirectory(Path.Combine(temporary, RunDirectory.Checkpoints));
            foreach (var (file, content) in files) AtomicFile.WriteThrough(Path.Combine(temporary, file), content);
            foreach (var (file, content) in others)
            {
                var target = Path.Combine(temporary, file);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                AtomicFile.WriteThrough(target, stream => stream.Write(content));
            }
            CLibrary.SyncFolder(temporary);
            // One rename, so that there is a whole run or none; writing all that took a moment.
            held.Require();
            if (Directory.Exists(path)) Directory.Move(path, discarded);
            CLibrary.Rename(temporary, path);
            CLibrary.SyncFolder(parent);
            if (Directory.Exists(discarded)) Directory.Delete(discarded, recursive: true);
            return new RunDirectory(path, held.Require);
        }
        catch (Exception thrown)
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            if (thrown is not (IOException or UnauthorizedAccessException)) throw;
            throw new PlasticException(ExitCode.InputOutput, $"cannot write to {parent}: {thrown.Message}", thrown);
        }
    }

    /// <summary>Opens the folder of an unfinished run to continue it.</summary>
    public RunDirectory Reopen()
    {
        held.Require();
        // Temporary files of a process that was killed.
        foreach (var folder in new[] { path, Path.Combine(path, RunDirectory.Checkpoints) }.Where(Directory.Exists))
        {
            foreach (var left in Directory.GetDirectories(folder, ".*.tmp")) Directory.Delete(left, recursive: true);
            foreach (var left in Directory.GetFiles(folder, "*.tmp")) File.Delete(left);
        }
        return new RunDirectory(path, held.Require);
    }

    /// <summary>
    /// Changes the settings of the run, to continue it from its newest checkpoint of a step that it has under both; a finished run
    /// becomes unfinished. A process that is killed while it does this leaves a run that continues under its old settings.
    /// </summary>
    /// <param name="to">The run under its new settings.</param>
    /// <param name="warn">Called with one line for every damaged checkpoint.</param>
    /// <exception cref="PlasticException">The run is finished and would not become longer, or it has no such checkpoint.</exception>
    public void Change(Run to, Action<string> warn)
    {
        var from = SavedRun.Read(path);
        int had = from.Settings.MaxBatch, has = to.Settings.MaxBatch;
        if (RunDirectory.IsFinished(path) && has <= had)
        {
            throw new PlasticException(ExitCode.Configuration, $"{path} is finished at max_batch={had}: only a larger max_batch extends it");
        }
        var folder = Path.Combine(path, RunDirectory.Checkpoints);
        if (Checkpoint.ReadNewest(folder, warn, Math.Min(had, has)) is not var (state, _))
        {
            throw new PlasticException(
                ExitCode.MissingInput,
                $"{path} has no checkpoint at or before step {Math.Min(had, has)} from which it could continue with other settings");
        }
        var directory = new RunDirectory(path, held.Require);
        directory.Write(RunDirectory.StatusFile, new RunStatus(RunState.Interrupted, state.Step));
        File.Delete(directory.PathTo(RunDirectory.TestFile));
        Checkpoint.RemoveAfter(folder, state.Step);
        SettingsChanges.Add(directory, state.Step, from.Settings, to.Settings);
        directory.Write(RunDirectory.ConfigFile, to.Json);
    }

    /// <summary>Releases the folder.</summary>
    public void Dispose()
    {
        held.Dispose();
        RemoveEmpty(parent, made);
    }

    private static string? FirstMissing(string? path)
    {
        string? missing = null;
        while (path is not null && !Directory.Exists(path))
        {
            missing = path;
            path = Path.GetDirectoryName(path);
        }
        return missing;
    }

    /// <summary>Removes empty folders, from the given one up to the one that was made; other processes may use them too.</summary>
    private static void RemoveEmpty(string path, string? upTo)
    {
        if (upTo is null) return;
        try
        {
            for (var full = path; full.Length >= upTo.Length; full = Path.GetDirectoryName(full)!)
            {
                if (Directory.Exists(full)) Directory.Delete(full);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Another process uses it.
        }
    }
}
