using System.Text;

namespace Plastic.Host;

/// <summary>
/// The file beside a run's folder by which one process at a time holds the run. It is locked, and it says who holds it: a machine may not
/// see the locks of another, and some file systems have none, so the file is believed as long as its holder is heard from. Who takes a run
/// over writes a token of its own there; the earlier holder looks for its token before each write, and stops.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const int MostBytes = 1 << 16;
    private const int Tries = 3;

    private readonly string file, path, token = Guid.NewGuid().ToString("N");
    private readonly bool isLocal;
    private FileStream? held;
    private bool isNew;

    private RunLock(string file, string path, bool isLocal) => (this.file, this.path, this.isLocal) = (file, path, isLocal);

    /// <summary>The lock on a run's folder; null where another process has just removed the file, and the caller tries again.</summary>
    /// <exception cref="PlasticException">Another process holds it.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static RunLock? Take(string path) => Take(path, FileLock.IsLocal(Path.GetDirectoryName(path)!));

    /// <summary>The same, where it is known whether the file system belongs to this machine alone.</summary>
    internal static RunLock? Take(string path, bool isLocal)
    {
        var taken = new RunLock(Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.lock"), path, isLocal);
        try
        {
            if (taken.TryTake()) return taken;
        }
        catch
        {
            if (taken.isNew) File.Delete(taken.file);
            taken.held?.Dispose();
            throw;
        }
        taken.held?.Dispose();
        return null;
    }

    /// <summary>Whether the run is still this holder's.</summary>
    public bool IsHeld => Read()?.Token == token;

    /// <summary>Requires that the run is still this holder's, before something is written to its folder.</summary>
    /// <exception cref="PlasticException">Another process has taken it over.</exception>
    public void Require()
    {
        var found = Read();
        if (found?.Token == token) return;
        throw new PlasticException(
            ExitCode.Exists,
            found?.Owner is { } owner
                ? $"{path} was taken over by {Name(owner)} while this process was not heard from; it has stopped writing there"
                : $"{path} was taken over by a process that has ended since, or {file} was removed; this process has stopped writing there");
    }

    public void Dispose()
    {
        if (held is null) return;
        try
        {
            // Before the lock is released, so that nobody waits for a file that goes.
            if (IsHeld) File.Delete(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Nobody holds it any more, and it names a process that is gone.
        }
        held.Dispose();
        held = null;
    }

    private bool TryTake()
    {
        held = FileLock.Take(file, out isNew);
        if (held is null)
        {
            isNew = false;
            throw Refused(Read()?.Owner, null);
        }
        if (FileLock.IsTaken(file) is not { } locks) return false;
        var before = Read();
        if (!isNew && MayStillWrite(before, locks) is { } silence) throw Refused(before?.Owner, silence);
        var lease = Encoding.UTF8.GetBytes(JsonText.Line(new Lease(token, RunOwner.Current)) + "\n");
        if (locks || isNew)
        {
            held.SetLength(0);
            held.Write(lease);
            held.Flush();
        }
        else
        {
            // Without locks two may take it over at once: the file is one's or the other's.
            AtomicFile.Write(file, stream => stream.Write(lease));
        }
        // False where the file that was locked is no longer the one of this name.
        return IsHeld;
    }

    /// <summary>How long the holder that the file names has been silent, if it may still write to the run's folder; null if it may not.</summary>
    private TimeSpan? MayStillWrite(Lease? lease, bool locks)
    {
        // All who could hold it see the lock, which this process has.
        if (locks && isLocal) return null;
        var heard = new[] { file, Path.Combine(path, RunDirectory.StatusFile) }.Max(File.GetLastWriteTimeUtc);
        var silence = FileLock.Now(Path.GetDirectoryName(path)!) - heard;
        if (silence < TimeSpan.Zero) silence = TimeSpan.Zero;
        if (silence > RunOwner.LongestSilence) return null;
        // A file without a name is of a process that was killed, or, without locks, of one that is about to write it.
        if (lease?.Owner is not { } owner) return locks ? null : silence;
        if (RunOwner.Current.Replaces(owner)) return null;
        // The machine's own locks are seen.
        return owner.IsAlive is { } isAlive && (locks || !isAlive) ? null : silence;
    }

    /// <summary>What the file of this name says; null where there is none that can be read.</summary>
    private Lease? Read()
    {
        for (var left = Tries; ; left--)
        {
            try
            {
                return ReadOnce();
            }
            catch (IOException) when (left > 1)
            {
                // Network file systems fail for a moment now and then.
                Thread.Sleep(100);
            }
        }
    }

    private Lease? ReadOnce()
    {
        if (CLibrary.OpenUnlocked(file) is not { } handle) return null;
        using (handle)
        {
            var bytes = new byte[(int)Math.Min(RandomAccess.GetLength(handle), MostBytes)];
            var length = RandomAccess.Read(handle, bytes, 0);
            try
            {
                return JsonFile.Parse<Lease>(file, bytes.AsMemory(0, length));
            }
            catch (PlasticException)
            {
                return null;
            }
        }
    }

    private PlasticException Refused(RunOwner? owner, TimeSpan? silence)
    {
        var who = owner is null ? "another process" : owner.Equals(RunOwner.Current) ? "this process" : $"another process, {Name(owner)}";
        var heard = silence is { } time
            ? $", last heard from {DurationText.Of(time)} ago; it is believed to be gone after {DurationText.Of(RunOwner.LongestSilence)} of silence"
            : "";
        return new(ExitCode.Exists, $"{path} is being trained by {who}{heard}");
    }

    private static string Name(RunOwner owner)
    {
        var job = owner.Job is { } name ? $" of job {SafeText.Line(name)}" : "";
        return $"process {owner.Process}{job} on {SafeText.Line(owner.Host)}";
    }

    /// <summary>What the file says.</summary>
    /// <param name="Token">Drawn at random by its holder.</param>
    /// <param name="Owner">The holder.</param>
    private sealed record Lease(string Token, RunOwner Owner);
}
