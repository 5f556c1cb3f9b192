using System.Globalization;

namespace Plastic.Host;

/// <summary>
/// How a run goes, for people and for `list runs`: log.txt, and status.json with a sign of life every half minute, also while a step
/// or a validation takes longer.
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
    /// <param name="warn">Told on one line when a sign of life cannot be written; the run goes on.</param>
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
    public void Note(string line) => File.AppendAllText(
        directory.PathTo("log.txt"),
        string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'} {line}\n"));

    /// <summary>The run has come as far as <see cref="Step"/>.</summary>
    public void Running()
    {
        lock (writing) Write(RunStatus.Running, null);
    }

    /// <summary>The run has ended well.</summary>
    public void Finished()
    {
        lock (writing)
        {
            hasEnded = true;
            Write(RunStatus.Finished, null);
        }
    }

    /// <summary>The run has ended otherwise; a folder that cannot be written any more does not hide why.</summary>
    public void Stopped(string state, string? message)
    {
        try
        {
            lock (writing)
            {
                hasEnded = true;
                Write(state, message);
            }
            Note(message is null ? state : $"{state}: {message}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Whoever called has the reason in hand.
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
                if (!hasEnded) Write(RunStatus.Running, null);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            warn($"{RunDirectory.StatusFile} is not written: {fault.Message}");
        }
    }

    private void Write(string state, string? message) => directory.Write(
        RunDirectory.StatusFile,
        new RunStatus(state, Math.Max(0, step), message, state == RunStatus.Running ? RunOwner.Current : null).Json);
}
