using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Plastic.Core;

namespace Plastic.Host;

/// <summary>What is saved of a run, and when.</summary>
/// <param name="State">What training goes on from.</param>
/// <param name="Interval">Time from one checkpoint to the next.</param>
/// <param name="LastStep">The last step, before which there is always one.</param>
internal sealed record Saving(Func<TrainingState> State, TimeSpan Interval, int LastStep);

/// <summary>
/// Writes what happens into the run's folder. metrics.jsonl depends on nothing but the settings; times go to timing.jsonl.
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

    /// <param name="directory">The run's folder.</param>
    /// <param name="journal">Told how far the run is.</param>
    /// <param name="parameters">The network's.</param>
    /// <param name="saving">What is saved when; null for a run that trains nothing.</param>
    /// <param name="metricsBytes">How much of metrics.jsonl counts; what is behind it was written after the checkpoint.</param>
    /// <exception cref="PlasticException">metrics.jsonl is shorter than that.</exception>
    public RunRecorder(
        RunDirectory directory, RunJournal journal, IReadOnlyList<Parameter> parameters, Saving? saving, long metricsBytes)
    {
        this.directory = directory;
        this.journal = journal;
        this.parameters = parameters;
        this.saving = saving;
        Cut(metricsBytes);
        metrics = Open(RunDirectory.MetricsFile);
        timing = Open("timing.jsonl");
    }

    /// <summary>The run goes on from a checkpoint.</summary>
    /// <param name="step">The step that comes next.</param>
    /// <param name="best">The best validation before it.</param>
    /// <param name="facts">Where this part of the run comes from, one line of JSON.</param>
    public void Resumed(int step, (Validation Validation, float[][] Weights)? best, string facts)
    {
        journal.Step = step - 1;
        journal.Note($"goes on from step {step}");
        using (var parts = Open("resumed.jsonl")) parts.WriteLine(facts);
        // What is there may be of a validation after the checkpoint.
        if (best is var (validation, weights)) Keep(validation.Step, validation.Loss, weights);
        journal.Running();
    }

    public void Began(int step)
    {
        // Whatever comes of this step is written again by whoever goes on from here.
        metricsBytes = metrics.BaseStream.Position;
        journal.Step = step - 1;
        if (saving is null) return;
        // From the beginning of its last step a finished run can go on for longer.
        if (step == saving.LastStep || (step > 0 && clock.Elapsed - saved >= saving.Interval)) Save();
    }

    public void Updated(int step, double loss) => journal.Step = step;

    public void Logged(int step, double loss, double gradientNorm) =>
        metrics.WriteLine(JsonText.Line(new JsonObject
        {
            ["step"] = step,
            ["training_loss"] = loss,
            ["gradient_norm"] = gradientNorm,
        }));

    public void Validated(Validation validation, float[][] weights)
    {
        var (step, loss, best, measure) = validation;
        var record = new JsonObject
        {
            ["step"] = step,
            ["validation_loss"] = loss,
            ["best"] = best,
        };
        if (measure is not null) record["validation_measure"] = measure;
        metrics.WriteLine(JsonText.Line(record));
        timing.WriteLine(JsonText.Line(new JsonObject
        {
            ["step"] = step,
            ["seconds"] = Math.Round(clock.Elapsed.TotalSeconds, 3),
        }));
        if (best) Keep(step, loss, weights);
        journal.Running();
        journal.Note(string.Create(
            CultureInfo.InvariantCulture, $"step {step}: validation loss {loss:F5}{(best ? ", the best so far" : "")}"));
    }

    /// <summary>The run has ended well.</summary>
    public void Finish(RunResult result)
    {
        // Nobody goes on with a finished run, to write again what is lost when the machine stops.
        CLibrary.Sync((FileStream)metrics.BaseStream);
        directory.Write(RunDirectory.TestFile, TestResults.Document(result));
        journal.Note(string.Create(CultureInfo.InvariantCulture, $"finished: test loss {result.TestLoss:F5}"));
        journal.Finished();
    }

    /// <summary>Writes a checkpoint of the step that is under way, as of its beginning.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save()
    {
        if (saving is null) return;
        // Lines behind which a checkpoint stands must not be lost when the machine stops.
        CLibrary.Sync((FileStream)metrics.BaseStream);
        Checkpoint.Write(directory.PathTo(RunDirectory.Checkpoints), saving.State(), metricsBytes);
        saved = clock.Elapsed;
    }

    public void Dispose()
    {
        metrics.Dispose();
        timing.Dispose();
    }

    private void Keep(int step, double loss, float[][] weights)
    {
        var tensors = parameters.Select((p, k) => new NamedTensor(p.Name, p.Shape, weights[k])).ToArray();
        var metadata = new Dictionary<string, string>
        {
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
            ["validation_loss"] = loss.ToString("R", CultureInfo.InvariantCulture),
            [TrainedNetwork.HashKey] = Safetensors.Hash(tensors),
        };
        Safetensors.Write(directory.PathTo(Path.Combine(RunDirectory.Checkpoints, BestFile)), tensors, metadata);
    }

    private void Cut(long bytes)
    {
        var file = directory.PathTo(RunDirectory.MetricsFile);
        if (bytes == 0 && !File.Exists(file)) return;
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        if (stream.Length < bytes)
        {
            throw new PlasticException(
                ExitCode.BadData, $"{file} has {stream.Length} bytes, and the checkpoint was written after {bytes}: --resume never starts over");
        }
        stream.SetLength(bytes);
        CLibrary.Sync(stream);
    }

    // Whole lines, even when the program is killed.
    private StreamWriter Open(string file) => new(directory.PathTo(file), append: true) { AutoFlush = true };
}
