using System.Diagnostics;
using System.Globalization;
using Plastic.Core;

namespace Plastic.Host;

/// <summary>Which state of a run is saved, and when.</summary>
/// <param name="State">The state to continue from.</param>
/// <param name="Interval">The time between checkpoints.</param>
/// <param name="LastStep">The last step, before which there always is a checkpoint.</param>
internal sealed record Saving(Func<TrainingState> State, TimeSpan Interval, int LastStep);

/// <summary>
/// Writes the course of training to the run's folder. metrics.jsonl depends on the settings alone; times go to timing.jsonl.
/// </summary>
internal sealed class RunRecorder : ITrainingWatcher, IDisposable
{
    public const string BestFile = "best.safetensors";

    private readonly RunDirectory directory;
    private readonly RunJournal journal;
    private readonly IReadOnlyList<Parameter> parameters;
    private readonly StreamWriter metrics, timing;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Saving? saving;
    private TimeSpan saved;
    private long metricsBytes;
    private int due = -1;

    /// <param name="directory">The run's folder.</param>
    /// <param name="journal">Keeps the progress.</param>
    /// <param name="parameters">The network's.</param>
    /// <param name="saving">Null for a run that trains nothing.</param>
    /// <param name="metricsBytes">The length of metrics.jsonl at the checkpoint that the run is resumed from; later lines are cut off.</param>
    /// <exception cref="PlasticException">metrics.jsonl is shorter.</exception>
    public RunRecorder(
        RunDirectory directory, RunJournal journal, IReadOnlyList<Parameter> parameters, Saving? saving, long metricsBytes)
    {
        this.directory = directory;
        this.journal = journal;
        this.parameters = parameters;
        this.saving = saving;
        Cut(metricsBytes);
        metrics = Open(RunDirectory.MetricsFile);
        timing = Open(RunDirectory.TimingFile);
    }

    /// <summary>The run is resumed from a checkpoint.</summary>
    /// <param name="step">The next step.</param>
    /// <param name="best">The best validation before it.</param>
    /// <param name="environment">Where this part of the run comes from.</param>
    public void Resumed(int step, (Validation Validation, float[][] Weights)? best, ResumedEnvironment environment)
    {
        journal.Step = step - 1;
        journal.Note($"resumed from step {step}");
        using (var parts = Open(RunDirectory.ResumedFile)) WriteLine(parts, environment);
        // The file may come from a validation after the checkpoint.
        if (best is var (validation, weights)) Keep(validation.Step, validation.Loss, weights);
        journal.Running();
    }

    public void Warmed(int done, int updates, double loss)
    {
        if (done == updates) journal.Note($"the encoder's warm-up ended after {CountText.Of(updates, "update")}, loss {LossText.Of(loss)}");
    }

    public bool ReadsState(int step)
    {
        if (saving is null) return false;
        // A finished run can be made longer from the start of its last step.
        if (step == saving.LastStep || (step > 0 && clock.Elapsed - saved >= saving.Interval)) due = step;
        return step == due;
    }

    public void Began(int step)
    {
        // A process that resumes from here writes the lines of this step again.
        metricsBytes = metrics.BaseStream.Position;
        journal.Step = step - 1;
        if (step == due) Save();
    }

    public void Updated(int step, double loss) => journal.Step = step;

    public void Logged(int step, double loss, double gradientNorm) =>
        WriteLine(metrics, new Metrics(step) { TrainingLoss = loss, GradientNorm = gradientNorm });

    public void Validated(Validation validation, float[][] weights)
    {
        var (step, loss, best, measure) = validation;
        WriteLine(metrics, new Metrics(step) { ValidationLoss = loss, Best = best, ValidationMeasure = measure });
        WriteLine(timing, new Timing(step, Math.Round(clock.Elapsed.TotalSeconds, 3)));
        if (best) Keep(step, loss, weights);
        journal.Running();
        journal.Note(string.Create(
            CultureInfo.InvariantCulture, $"step {step}: validation loss {loss:F5}{(best ? ", the best so far" : "")}"));
    }

    /// <summary>The run has finished.</summary>
    public void Finish(RunResult result)
    {
        // Nothing writes the lines of a finished run again if the machine stops now.
        CLibrary.Sync((FileStream)metrics.BaseStream);
        directory.Write(RunDirectory.TestFile, TestResults.Of(result));
        journal.Note(string.Create(CultureInfo.InvariantCulture, $"finished: test loss {result.TestLoss:F5}"));
        journal.Finished();
    }

    /// <summary>Writes a checkpoint of the start of the current step.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save()
    {
        if (saving is null) return;
        directory.Require();
        // Lines before a checkpoint must not be lost when the machine stops.
        CLibrary.Sync((FileStream)metrics.BaseStream);
        Checkpoint.Write(directory.PathTo(RunDirectory.Checkpoints), saving.State(), metricsBytes, directory.Require);
        saved = clock.Elapsed;
    }

    public void Dispose()
    {
        metrics.Dispose();
        timing.Dispose();
    }

    private void WriteLine<T>(StreamWriter file, T line)
    {
        directory.Require();
        file.WriteLine(JsonText.Line(line));
    }

    private void Keep(int step, double loss, float[][] weights)
    {
        directory.Require();
        var tensors = parameters.Select((p, k) => new NamedTensor(p.Name, p.Shape, weights[k])).ToArray();
        var metadata = new Dictionary<string, string>
        {
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
            ["validation_loss"] = loss.ToString("R", CultureInfo.InvariantCulture),
            [TrainedNetwork.HashKey] = Safetensors.Hash(tensors),
        };
        Safetensors.Write(directory.PathTo(Path.Combine(RunDirectory.Checkpoints, BestFile)), tensors, metadata, directory.Require);
    }

    private void Cut(long bytes)
    {
        var file = directory.PathTo(RunDirectory.MetricsFile);
        if (bytes == 0 && !File.Exists(file)) return;
        directory.Require();
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        if (stream.Length < bytes)
        {
            throw new PlasticException(
                ExitCode.BadData, $"{file} has {stream.Length} bytes, and the checkpoint was written after {bytes}; to start the run over, train it with --resume never");
        }
        stream.SetLength(bytes);
        CLibrary.Sync(stream);
    }

    // Whole lines, even if the program is killed.
    private StreamWriter Open(string file) => new(directory.PathTo(file), append: true) { AutoFlush = true };
}
