using System.Diagnostics;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>`plastic train NAME --dry-run`: what would be trained, how large it is, and how long it would take.</summary>
internal sealed class DryRun(TrainRequest request, CancellationToken stop)
{
    // Arithmetic of a step that is quick to measure on any machine.
    private const double MostFlops = 5e9;
    private const int LeastWidth = 8;

    // Of work that takes as many seconds, one measurement is enough.
    private const double Slow = 1;

    // Smaller steps would not occupy all threads, or take their time for other things.
    private const int LeastHidden = 64, LeastSamplesPerThread = 16;

    private readonly Dictionary<string, Measured> probed = [];
    private readonly Networks networks = new();

    /// <summary>The durations of a run's step and evaluation, in seconds.</summary>
    /// <param name="Step">A training step.</param>
    /// <param name="Evaluation">The evaluation of a batch.</param>
    /// <param name="From">The sizes from which the durations were scaled up; null where the run itself was measured.</param>
    private sealed record Measured(double Step, double Evaluation, string? From);

    public static ExitCode Run(TrainRequest request, Output output, CancellationToken stop) => new DryRun(request, stop).Run(output);

    private ExitCode Run(Output output)
    {
        var rows = new List<object>();
        var total = 0.0;
        var todo = request.Plan.Runs
            .Where(run => RunDirectory.Inspect(PathOf(run), run) != RunPresence.Finished).ToHashSet();
        var share = new MachineShare(request.Resources, request.Jobs, [.. todo], request.Plan.IsTest, networks);
        share.RequireMemory();
        if (todo.Count > 0) request.Resources.WarnOf(share.Device, output);
        foreach (var run in request.Plan.Runs)
        {
            var path = PathOf(run);
            var isFinished = !todo.Contains(run);
            var network = networks.Of(run);
            var parameters = network.Parameters.Sum(p => (long)p.Size);
            var updates = request.Plan.IsTest ? 0 : run.Settings.MaxBatch + 1;
            var measured = isFinished ? null : MeasuredOf(run);
            var seconds = measured is null ? 0 : Seconds(run, measured, updates);
            total += seconds;
            rows.Add(new
            {
                run.Point,
                run.Seed,
                Directory = path,
                run.Units,
                Parameters = parameters,
                Updates = updates,
                MemoryMb = isFinished ? (long?)null : Memory.Megabytes(share.BytesOf(run)),
                Device = share.Device?.Name,
                DeviceBytes = isFinished || share.Device is null ? (long?)null : share.DeviceBytesOf(run),
                Finished = isFinished,
                Seconds = Math.Round(seconds, 1),
                ScaledFrom = measured?.From,
            });
            output.Result(
                $"{path}: {run.Units} units, {parameters} parameters, {CountText.Of(updates, "update")}, "
                + (isFinished
                    ? "finished earlier"
                    : $"{Memory.Megabytes(share.BytesOf(run))} MB, "
                        + (share.Device is { } device ? $"{Memory.Megabytes(share.DeviceBytesOf(run))} MB of {device.Name}, " : "")
                        + $"about {DurationText.Of(TimeSpan.FromSeconds(seconds))}"
                        + (measured?.From is { } smaller ? $" (scaled up from {smaller})" : "")));
        }
        output.Document(new { request.Plan.Name, Runs = rows, Seconds = Math.Round(total, 1) });
        output.Result(
            $"{CountText.Of(request.Plan.Runs.Count, "run")} of {request.Plan.Name}, about "
            + $"{DurationText.Of(TimeSpan.FromSeconds(total))} one after the other on "
            + $"{CountText.Of(request.Resources.ThreadCount(), "thread")}; nothing was trained");
        return ExitCode.Ok;
    }

    private string PathOf(Run run) => RunDirectory.PathOf(request.Directory, run);

    private Measured MeasuredOf(Run run)
    {
        var key = Key(run);
        return probed.TryGetValue(key, out var known) ? known : probed[key] = Measure(run);
    }

    /// <summary>Training with its validations, and the test, in seconds.</summary>
    private static double Seconds(Run run, Measured measured, int updates)
    {
        var s = run.Settings;
        var validations = updates == 0 ? 0 : (updates - 1) / s.ValidateEvery + 1;
        var each = run.Episodes.Batches(Part.Validation, s.Batch, s.ValidationBatches);
        var tested = run.Episodes.Batches(Part.Test, s.Batch, s.TestBatches);
        // An update of a warm-up does not take longer than one of the whole network.
        var warming = updates == 0 ? 0 : s.EncoderWarmup;
        return (updates + warming) * measured.Step + ((double)validations * each + tested + s.FreezeLast) * measured.Evaluation;
    }

    /// <summary>
    /// The run itself where a step is small, otherwise the same network with fewer units and episodes: its durations grow with the
    /// arithmetic of a step.
    /// </summary>
    private Measured Measure(Run run)
    {
        var flops = Flops(run, networks.Of(run));
        var smaller = run;
        // Fewer episodes first: the duration follows their number more closely than that of the units.
        var batch = (int)Math.Min(run.Settings.Batch, Math.Max(request.Resources.ThreadCount() * LeastSamplesPerThread, run.Settings.Batch * MostFlops / flops));
        if (flops > MostFlops) smaller = run.Resized(run.Settings.Hidden, batch);
        for (var width = run.Settings.EncoderWidth / 2; run.Settings.Encoder.IsSome && width >= LeastWidth && Flops(smaller, smaller.CreateNetwork()) > MostFlops; width /= 2)
        {
            smaller = smaller.Narrowed(width);
        }
        for (var hidden = run.Settings.Hidden / 2; hidden >= LeastHidden && Flops(smaller, smaller.CreateNetwork()) > MostFlops; hidden /= 2)
        {
            smaller = smaller.Resized(hidden, batch);
        }
        // How long smaller work takes says little about a device, which it does not fill.
        if (smaller == run || request.Resources.IsOnDevice()) return Probe(run, networks.Of(run));
        var network = smaller.CreateNetwork();
        var (step, evaluation, _) = Probe(smaller, network);
        var times = flops / Flops(smaller, network);
        return new Measured(step * times, evaluation * times, $"hidden={smaller.Settings.Hidden} batch={smaller.Settings.Batch}"
            + (smaller.Settings.EncoderWidth < run.Settings.EncoderWidth ? $" encoder_width={smaller.Settings.EncoderWidth}" : ""));
    }

    /// <summary>The arithmetic of a training step.</summary>
    private static double Flops(Run run, PlasticNetwork network)
    {
        var costs = new StepCosts(network.Program, run.Episodes.Steps);
        var encoder = network.Encoder is null ? 0 : 2 * Whole(new EncoderCosts(network.Encoder));
        return (double)run.Settings.Batch * run.Episodes.Steps
            * (encoder + (costs.Of(StepPart.Forward) + costs.Of(StepPart.Backward) + costs.Of(StepPart.WeightGradients) + costs.Of(StepPart.Vectors)).Flops);
    }

    private static double Whole(EncoderCosts costs) => costs.Forward + costs.Backward;

    /// <summary>All that the duration of a step depends on.</summary>
    private static string Key(Run run) =>
        $"{run.Settings.Task} {run.Settings.Encoder} {run.Settings.EncoderWidth} {run.Settings.Cell} {run.Settings.Rule} {run.Network.Inputs} {run.Network.Outputs} {run.Network.Hidden} {run.Network.Extra} "
        + $"{run.Settings.Modulation} {run.Settings.LayerNorm} {run.Settings.Alpha} {run.RuleSwitches} "
        + $"{run.Settings.Biases} {run.Settings.Optimiser} {run.Settings.Batch} {run.Episodes.Steps}";

    /// <summary>A step and an evaluation, after one of each.</summary>
    private Measured Probe(Run run, PlasticNetwork network)
    {
        using var crew = new Crew(request.Resources.ThreadCount());
        using var device = request.Resources.Open();
        using var executor = Placement.Executor(network, crew, run.Seed, request.Resources.History(), device);
        var batches = new BatchSource(run, crew);
        // A step takes as long on black images as on those that are not at hand.
        var blank = FewShotTask.IsAtHand(run.Task) ? null : run.Episodes.Allocate(run.Settings.Batch);
        using var learner = Placement.Learner(
            executor, run.Episodes.Steps, network.InitialValues(run.Seed), run.Settings.Optimiser(), run.Settings.MaxGradientNorm, crew);
        void Step(int number)
        {
            learner.Begin(blank ?? batches.Train(number), run.Settings.LearningRate, stop);
            // The first is seen to its end: where it takes long, no other follows.
            if (learner.Pending > (number == 0 ? 0 : learner.Ahead)) learner.End();
        }
        var evaluator = new Evaluator(run, executor, batches);
        // A device evaluates one batch after the other.
        var together = device is null ? Memory.BatchesTogether(run) : 1;
        void Evaluate(int number)
        {
            if (blank is not null)
            {
                for (var k = 0; k < together; k++) executor.Evaluate(learner.Weights, blank, stop: stop);
                return;
            }
            evaluator.Run(learner.Weights, batches.Validations(number, together), (_, _, _) => { }, stop);
        }

        return new Measured(request.Plan.IsTest ? 0 : Time(Step, stop), Time(Evaluate, stop) / together, null);
    }

    /// <summary>
    /// The median of a few times, after a warm-up in which the runtime compiles the code; the first time that is longer than
    /// <see cref="Slow"/>, where there is one.
    /// </summary>
    /// <param name="work">The work, of which it gets the number, from 0.</param>
    /// <param name="stop">Asks to stop before the next time.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    internal static double Time(Action<int> work, CancellationToken stop)
    {
        var number = 0;
        List<double> For(double seconds)
        {
            var clock = Stopwatch.StartNew();
            var times = new List<double>();
            do
            {
                stop.ThrowIfCancellationRequested();
                var start = clock.Elapsed;
                work(number++);
                times.Add((clock.Elapsed - start).TotalSeconds);
            }
            while (clock.Elapsed.TotalSeconds < seconds && times[^1] < Slow);
            return times;
        }

        if (For(0.6)[^1] is var last and >= Slow) return last;
        var measured = For(0.3);
        return measured.Order().ElementAt(measured.Count / 2);
    }
}
