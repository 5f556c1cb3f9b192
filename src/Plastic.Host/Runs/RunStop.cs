namespace Plastic.Host;

/// <summary>
/// The wish that one run stops: that of the whole process, by a signal, or of this run alone, by its <see cref="StopFile"/>, or since
/// another process has taken it over.
/// </summary>
internal sealed class RunStop : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource source;
    private readonly Timer look;

    /// <param name="path">The run's folder.</param>
    /// <param name="claim">The claim to it.</param>
    /// <param name="process">Cancelled when the process should stop.</param>
    public RunStop(string path, RunClaim claim, CancellationToken process)
    {
        source = CancellationTokenSource.CreateLinkedTokenSource(process);
        // Set again after each look, so that looks which hang do not pile up.
        look = new Timer(_ => Look(path, claim), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        look.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the run should stop.</summary>
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        // Waits for a look that has begun.
        using var ended = new ManualResetEvent(false);
        if (look.Dispose(ended)) ended.WaitOne();
        source.Dispose();
    }

    private void Look(string path, RunClaim claim)
    {
        try
        {
            if (StopFile.IsThere(path) || !claim.IsHeld) source.Cancel();
        }
        catch (IOException)
        {
            // Whoever writes next meets it too.
        }
        try
        {
            look.Change(Interval, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The run has ended.
        }
    }
}
