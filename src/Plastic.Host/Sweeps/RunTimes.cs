using System.Diagnostics;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>The durations of a run's step and evaluation, in seconds.</summary>
/// <param name="Step">A training step.</param>
/// <param name="Evaluation">The evaluation of a batch.</param>
/// <param name="From">The sizes from which the durations were scaled up; null where the run itself was measured.</param>
internal sealed record MeasuredRun(double Step, double Evaluation, string? From);

/// <summary>How long runs take on this machine, found by a few steps of each kind.</summary>
/// <param name="resources">What they may use of the machine.</param>
/// <param name="isTest">Whether they train nothing.</param>
/// <param name="networks">The runs' networks.</param>
/// <param name="stop">Asks to stop before the next step.</param>
internal sealed class RunTimes(Resources resources, bool isTest, Networks networks, CancellationToken stop)
{
    // Arithmetic of a step that is quick to measure on any machine.
    private const double MostFlops = 5e9;
    private const int LeastWidth = 8;

    // Of work that takes as many seconds, one measurement is enough.
    private const double Slow = 1;

    // Smaller steps would not occupy all threads, or take their time for other things.
    private const int LeastHidden = 64, LeastSamplesPerThread = 16;

    // The runtime has compiled what is measured by then.
    internal const double WholePatience = 0.3;

    private readonly Dictionary<string, MeasuredRun> probed = [];

    /// <summary>Seconds that a measurement takes, after twice as many of warm-up.</summary>
    public double Patience { get; init; } = WholePatience;

    /// <summary>The durations of a run, measured once for all that take as long.</summary>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public MeasuredRun Of(Run run)
    {
        var key = Key(run);
        return probed.TryGetValue(key, out var known) ? known : probed[key] = Measure(run);
    }

    /// <summary>Training with its validations, and the test, in seconds.</summary>
    public static double Seconds(Run run, MeasuredRun measured, int updates)
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
    private MeasuredRun Measure(Run run)
    {
        var flops = Flops(run, networks.Of(run));
        var smaller = run;
        // Fewer episodes first: the duration follows their number more closely than that of the units.
        var batch = (int)Math.Min(run.Settings.Batch, Math.Max(resources.ThreadCount() * LeastSamplesPerThread, run.Settings.Batch * MostFlops / flops));
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
        if (smaller == run || resources.IsOnDevice()) return Probe(run, networks.Of(run));
        var network = smaller.CreateNetwork();
        var (step, evaluation, _) = Probe(smaller, network);
        var times = flops / Flops(smaller, network);
        return new MeasuredRun(step * times, evaluation * times, $"hidden={smaller.Settings.Hidden} batch={smaller.Settings.Batch}"
            + (smaller.Settings.EncoderWidth < run.Settings.EncoderWidth ? $" encoder_width={smaller.Settings.EncoderWidth}" : ""));
    }

    /// <summary>The arithmetic of a training step.</summary>
    public static double Flops(Run run, PlasticNetwork network)
    {
        var costs = new StepCosts(network.Program, run.Episodes.Steps);
        var encoder = network.Encoder is null ? 0 : 2 * Whole(new EncoderCosts(network.Encoder));
        return (double)run.Settings.Batch * run.Episodes.Steps
            * (encoder + (costs.Of(StepPart.Forward) + costs.Of(StepPart.Backward) + costs.Of(StepPart.WeightGradients) + costs.Of(StepPart.Vectors)).Flops);
    }

    private static double Whole(EncoderCosts costs) => costs.Forward + costs.Backward;

    /// <summary>All that the duration of a step depends on.</summary>
    public static string Key(Run run) =>
        $"{run.Settings.Task} {run.Settings.Encoder} {run.Settings.EncoderWidth} {run.Settings.Cell} {run.Settings.Rule} {run.Network.Inputs} {run.Network.Outputs} {run.Network.Hidden} {run.Network.Extra} "
        + $"{run.Settings.Modulation} {run.Settings.LayerNorm} {run.Settings.Alpha} {run.RuleSwitches} "
        + $"{run.Settings.Biases} {run.Settings.Optimiser} {run.Settings.Batch} {run.Episodes.Steps}";

    /// <summary>A step and an evaluation, after one of each.</summary>
    private MeasuredRun Probe(Run run, PlasticNetwork network)
    {
        using var crew = new Crew(resources.ThreadCount());
        using var device = resources.Open();
        using var executor = Placement.Executor(network, crew, run.Seed, resources.History(), device);
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

        return new MeasuredRun(isTest ? 0 : Time(Step, stop, Patience), Time(Evaluate, stop, Patience) / together, null);
    }

    /// <summary>
    /// The median of a few times, after a warm-up in which the runtime compiles the code; the first time that is longer than
    /// <see cref="Slow"/>, where there is one.
    /// </summary>
    /// <param name="work">The work, of which it gets the number, from 0.</param>
    /// <param name="stop">Asks to stop before the next time.</param>
    /// <param name="seconds">How long it is measured, after twice as long a warm-up.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    internal static double Time(Action<int> work, CancellationToken stop, double seconds)
    {
        var number = 0;
        List<double> For(double least)
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
            while (clock.Elapsed.TotalSeconds < least && times[^1] < Slow);
            return times;
        }

        if (For(2 * seconds)[^1] is var last and >= Slow) return last;
        var measured = For(seconds);
        return measured.Order().ElementAt(measured.Count / 2);
    }
}
