using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// Writes a run's event file while it trains. A run that is resumed begins the file anew with what its folder holds, in place: the lines
/// that it trains again are the same, so a TensorBoard that has read further goes on where it was.
/// </summary>
internal sealed class LiveEvents : ITrainingWatcher, IDisposable
{
    private readonly RunEvents events;
    private readonly string file;
    private readonly Action<string> warn;
    private FileStream? stream;

    /// <param name="run">The run.</param>
    /// <param name="path">Its folder, whose metrics are those to continue from.</param>
    /// <param name="file">The file to write.</param>
    /// <param name="warn">Called with one line when the file cannot be written; the run continues without it.</param>
    public LiveEvents(Run run, string path, string file, Action<string> warn)
    {
        (this.file, this.warn) = (file, warn);
        events = new RunEvents(run);
        Try(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            // Its lock, which readers do not ask for, says that it is being written; a weaker one would not be taken on network file systems.
            stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None);
            Write(RunEvents.Of(run, path));
        });
    }

    /// <summary>Whether a run writes a file now: its lock is taken.</summary>
    public static bool IsWriting(string file)
    {
        try
        {
            return FileLock.IsTaken(file) == true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Warmed(int done, int updates, double loss)
    {
    }

    public void Began(int step)
    {
    }

    public void Updated(int step, double loss)
    {
    }

    public void Logged(int step, double loss, double gradientNorm) =>
        Add(time => events.Of(time, new Metrics(step) { TrainingLoss = loss, GradientNorm = gradientNorm }));

    public void Validated(Validation validation, float[][] weights) => Add(
        time => events.Of(time, new Metrics(validation.Step) { ValidationLoss = validation.Loss, ValidationMeasure = validation.Measure }));

    /// <summary>The run has finished.</summary>
    public void Finish(RunResult result) => Add(time => events.Of(time, result));

    public void Dispose() => stream?.Dispose();

    private void Add(Func<double, IEnumerable<byte[]>> records) =>
        Try(() => Write(records(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0)));

    /// <summary>Whole records at once, even if the program is killed.</summary>
    private void Write(IEnumerable<byte[]> records)
    {
        stream?.Write(records.SelectMany(record => record).ToArray());
        stream?.Flush();
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or PlasticException)
        {
            warn($"{file} is not written any more: {Failure.OneLine(fault.Message)}");
            stream?.Dispose();
            stream = null;
        }
    }
}
