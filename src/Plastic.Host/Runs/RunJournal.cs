using System.Globalization;

namespace Plastic.Host;

/// <summary>
/// The progress of a run, for people and for `list runs`: log.txt, and status.json with a heartbeat every half minute, also while a
/// step or a validation takes longer.
/// </summary>
internal sealed class RunJournal : IDisposable
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    private readonly RunDirectory directory;
    private readonly Lock writing = new();
    private readonly Timer heart;
    private volatile int step = -1;
    private bool hasEnded;

    /// <param name="directory">The run's folder.</param>
    /// <param name="warn">Called with one line when a heartbeat cannot be written; the run continues.</param>
    public RunJournal(RunDirectory directory, Action<string> warn)
    {
        this.directory = directory;
        heart = new Timer(_ => Beat(warn), null, Heartbeat, Heartbeat);
    }

    /// <summary>The last step an update was made for; −1 before the first.</summary>
    public int Step
    {
        get => step;
        set => step = value;
    }

    /// <summary>A line of log.txt.</summary>
    public void Note(string line)
    {
        directory.Require();
        File.AppendAllText(
            directory.PathTo(RunDirectory.LogFile),
            string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'} {line}\n"));
    }

    /// <summary>The run is at <see cref="Step"/>.</summary>
    public void Running()
    {
        lock (writing) Write(RunState.Running, null);
    }

    /// <summary>The run has finished.</summary>
    public void Finished()
    {
        lock (writing)
        {
            hasEnded = true;
            Write(RunState.Finished, null);
        }
    }

    /// <summary>The run has failed or was interrupted; if the folder cannot be written any more, or is another's, that does not hide why.</summary>
    public void Stopped(RunState state, string? message)
    {
        try
        {
            lock (writing)
            {
                hasEnded = true;
                Write(state, message);
            }
            Note(message is null ? state.Name() : $"{state.Name()}: {message}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or PlasticException)
        {
            // The caller reports why the run ended.
        }
    }

    public void Dispose()
    {
        heart.Dispose();
        lock (writing) hasEnded = true;
    }

    private void Beat(Action<string> warn)
    {
        try
        {
            lock (writing)
            {
                if (!hasEnded) Write(RunState.Running, null);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            warn($"{RunDirectory.StatusFile} cannot be written: {fault.Message}");
        }
        catch (PlasticException)
        {
            // Another process has taken the run over; this one stops (RunStop).
        }
    }

    private void Write(RunState state, string? message)
    {
        var status = new RunStatus(state, Math.Max(0, step), message);
        directory.Write(RunDirectory.StatusFile, state == RunState.Running ? status.OwnedBy(RunOwner.Current) : status);
    }
}
