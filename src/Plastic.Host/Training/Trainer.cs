using System.Diagnostics;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// Trains one network by the published protocol, after its encoder's warm-up if it has one: max_batch + 1 batches, of which all but the last freeze_last change the
/// weights; a validation on fresh batches at step 0 and every validate_every steps; the weights of the best validation, by its loss or by the task's
/// metric (the newest of equals), are tested once.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private readonly Run run;
    private readonly PlasticNetwork network;
    private readonly Crew crew;
    private readonly Team team;
    private readonly RunSettings settings;
    private readonly IExecutor executor;
    private readonly BatchSource batches;
    private readonly Evaluator evaluator;
    private readonly Rounds rounds;
    private readonly ILearner learner;
    private readonly float[][] bestWeights;
    private readonly NumberCheck check;
    private readonly IReadOnlyList<Parameter> parameters;
    private readonly Measure? measure;
    private readonly int steps;
    private double lossSum, normSum;
    private int summed;
    // The first step that has not ended; the learner may have begun more.
    private int step;
    private long counted;
    private BestValidation best = BestValidation.None;

    /// <param name="run">The run to train.</param>
    /// <param name="network">The run's network.</param>
    /// <param name="crew">The threads that share the work; the result does not depend on their number.</param>
    /// <param name="historyBytes">The memory for stored fast weights on each thread, in bytes.</param>
    /// <param name="device">The device that it runs on; null for the CPU.</param>
    /// <param name="team">The ranks that train the run together; null for one process.</param>
    /// <exception cref="DeviceException">The device cannot compile the kernels, or has too little memory.</exception>
    public Trainer(Run run, PlasticNetwork network, Crew crew, long historyBytes, IDevice? device = null, Team? team = null)
    {
        (this.run, this.network, this.crew, this.team) = (run, network, crew, team ?? new Team());
        settings = run.Settings;
        parameters = network.Parameters;
        executor = Placement.Executor(network, crew, run.Seed, historyBytes, device, team);
        check = new NumberCheck(executor, run);
        batches = new BatchSource(run, crew);
        try
        {
            learner = Placement.Learner(
                executor, run.Episodes.Steps, network.InitialValues(run.Seed), settings.Optimiser(), settings.MaxGradientNorm, crew);
        }
        catch (DeviceException)
        {
            executor.Dispose();
            throw;
        }
        bestWeights = Array.ConvertAll(learner.Weights, p => new float[p.Length]);
        measure = run.Task.Measure;
        steps = run.Episodes.Steps;
        evaluator = measure is null
            ? new Evaluator(run, executor, batches)
            : new Evaluator(run, executor, batches, ("output", run.Episodes.Outputs));
        rounds = new Rounds(this.team, evaluator.Most);
    }

    /// <summary>Trains and tests. Of several ranks, all train from the state of the first.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; <see cref="State"/> is that of the step's start.</exception>
    /// <exception cref="PlasticException">A loss or gradient is not finite.</exception>
    public RunResult Run(ITrainingWatcher watcher, CancellationToken stop)
    {
        Join();
        if (step == 0 && settings.EncoderWarmup > 0)
        {
            EncoderWarmup.Train(run, network, learner.Weights, batches, crew, watcher, stop);
            learner.Restore(learner.Steps);
        }
        watcher.ReadsState(step);
        watcher.Began(step);
        try
        {
            for (var next = step; next <= settings.MaxBatch; next++)
            {
                if (IsValidated(next)) Validate(next, watcher, stop);
                stop.ThrowIfCancellationRequested();
                learner.Begin(batches.Train(next), IsFrozen(next) ? null : LearningRate(next), stop);
                // Where weights are looked at, all steps before have ended.
                var pending = IsLookedAt(next + 1, watcher) ? 0 : learner.Ahead;
                while (learner.Pending > pending) End(watcher, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The state is that of a step's start; who continues from there validates again.
            while (learner.Pending > 0) End(watcher, stop);
            learner.CountPasses(-counted);
            counted = 0;
            throw;
        }
        var frozen = Frozen(stop);
        return Test(stop) with { Frozen = frozen };
    }

    /// <summary>
    /// The state at the start of the current step, to continue from; its arrays are the trainer's own. No step may be pending: see
    /// <see cref="ITrainingWatcher.ReadsState"/>.
    /// </summary>
    public TrainingState State => new(
        step, best, lossSum, normSum, summed, learner.Steps, [.. Arrays.Select(a => a.Tensor)]);

    /// <summary>The best validation so far, with its weights; null before the first.</summary>
    public (Validation Validation, float[][] Weights)? Best =>
        best.Exists ? (new Validation(best.Step, best.Loss, true, best.Measure), bestWeights) : null;

    /// <summary>Continues from a state instead of from the start.</summary>
    /// <exception cref="PlasticException">The state belongs to another network or optimiser.</exception>
    public void Restore(TrainingState state)
    {
        var found = state.Tensors.ToDictionary(tensor => tensor.Name);
        if (found.Count != Arrays.Count()) throw Fault($"{found.Count} arrays");
        foreach (var (tensor, values) in Arrays)
        {
            if (!found.TryGetValue(tensor.Name, out var saved)) throw Fault($"{tensor.Name} is missing");
            if (!saved.Shape.SequenceEqual(tensor.Shape) || saved.Data is not float[] numbers)
            {
                throw Fault($"{tensor.Name} is [{string.Join(", ", saved.Shape)}]");
            }
            numbers.CopyTo(values, 0);
        }
        (step, best) = (state.Step, state.Best);
        (lossSum, normSum, summed) = (state.LossSum, state.NormSum, state.Summed);
        learner.Restore(state.OptimiserSteps);

        static PlasticException Fault(string what) =>
            new(ExitCode.BadData, $"the checkpoint belongs to another network or optimiser: {what}");
    }

    public void Dispose()
    {
        learner.Dispose();
        executor.Dispose();
    }

    private IEnumerable<(NamedTensor Tensor, float[] Values)> Arrays
    {
        get
        {
            (NamedTensor, float[]) Named(string of, Parameter p, float[] values) =>
                (new NamedTensor($"{of}/{p.Name}", p.Shape, values), values);
            return parameters.Select((p, k) => Named("weights", p, learner.Weights[k]))
                .Concat(parameters.Select((p, k) => Named("best", p, bestWeights[k])))
                .Concat(learner.Memory.Select(m => Named(m.Memory, m.Parameter, m.Values)));
        }
    }

    /// <summary>Brings all ranks to the state of the first.</summary>
    private void Join()
    {
        if (team.Count == 1) return;
        Span<double> numbers = [step, best.Step, best.Loss, best.Measure ?? double.NaN, lossSum, normSum, summed, learner.Steps];
        team.Broadcast(numbers, 0);
        foreach (var (_, values) in Arrays) team.Broadcast<float>(values, 0);
        (step, lossSum, normSum, summed) = ((int)numbers[0], numbers[4], numbers[5], (int)numbers[6]);
        best = new BestValidation((int)numbers[1], numbers[2], double.IsNaN(numbers[3]) ? null : numbers[3]);
        learner.Restore((long)numbers[7]);
    }

    /// <summary>A check that the first rank makes; where it fails, it fails on all.</summary>
    private void OnFirst(Action check) => Together.Do(team, () =>
    {
        if (team.Rank == 0) check();
    });

    /// <summary>Ends the first step that is pending.</summary>
    private void End(ITrainingWatcher watcher, CancellationToken stop)
    {
        var (loss, norm) = learner.End();
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            // It changed nothing, so it can be run again.
            OnFirst(() =>
            {
                var batch = batches.Train(step);
                check.Require(loss, "training loss", step, learner.Weights, batch, wantGradient: true, stop);
                check.Require(norm, "gradient", step, learner.Weights, batch, wantGradient: true, stop);
            });
        }
        counted = 0;
        lossSum += loss;
        normSum += norm;
        summed++;
        watcher.Updated(step, loss);
        if ((step + 1) % settings.LogEvery == 0 || step == settings.MaxBatch)
        {
            watcher.Logged(step, lossSum / summed, normSum / summed);
            (lossSum, normSum, summed) = (0, 0, 0);
        }
        watcher.Began(++step);
    }

    private bool IsValidated(int step) => step % settings.ValidateEvery == 0;

    /// <summary>Whether someone looks at the weights at the start of a step.</summary>
    private bool IsLookedAt(int step, ITrainingWatcher watcher) =>
        watcher.ReadsState(step) || step > settings.MaxBatch || IsValidated(step);

    /// <summary>Whether a training step changes no weights.</summary>
    private bool IsFrozen(int step) => step > settings.MaxBatch - settings.FreezeLast;

    private double LearningRate(int step)
    {
        if (settings.Schedule.IsConstant) return settings.LearningRate;
        var schedule = new CosineSchedule(
            settings.LearningRate, settings.LearningRate / 10, settings.MaxBatch / settings.LogEvery + 1);
        return schedule.At(step / settings.LogEvery);
    }

    /// <summary>The losses of a number of batches, and the mean of the task's additional metric over them, if it has one.</summary>
    private (double[] Losses, Mean? Measure) Evaluate(
        string what, float[][] weights, BatchRange range, CancellationToken stop)
    {
        var losses = new double[range.Count];
        var measures = new double[measure is null ? 0 : range.Count];
        // Every rank has some batches of each round.
        BatchRange round;
        for (var first = 0; first < range.Count; first += round.Count)
        {
            stop.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            round = range.Part(first, rounds.Batches);
            var (from, count) = team.Part(round.Count);
            var seen = first + from;
            evaluator.Run(
                weights, round.Part(from, count),
                (batch, loss, outputs) =>
                {
                    if (measure is not null && double.IsFinite(loss)) measures[seen] = measure.Of(batch, outputs["output"]);
                    losses[seen++] = loss;
                },
                stop);
            team.Share(losses.AsSpan(first, round.Count));
            if (measure is not null) team.Share(measures.AsSpan(first, round.Count));
            rounds.Ended(round.Count, Stopwatch.GetElapsedTime(start));
            var wrong = Array.FindIndex(losses, first, round.Count, loss => !double.IsFinite(loss));
            if (wrong >= 0)
            {
                OnFirst(() => check.Require(
                    losses[wrong], what, step, weights, batches.Draw(range.Part(wrong, 1))[0], wantGradient: false, stop));
            }
        }
        return (losses, measure is null ? null : Mean.Of(measures));
    }

    /// <summary>The last training batches once more; the weights were the same for all of them.</summary>
    private FrozenResult? Frozen(CancellationToken stop)
    {
        var first = Math.Max(0, settings.MaxBatch + 1 - settings.FreezeLast) + FrozenResult.Skipped;
        var count = settings.MaxBatch + 1 - first;
        if (settings.FreezeLast == 0 || count < 1) return null;
        var (losses, measured) = Evaluate("loss of the last batches", learner.Weights, batches.Trained(first, count), stop);
        return new FrozenResult(Mean.Of(losses).Value, Quantiles.Of(losses).Median, measured?.Value, count);
    }

    private void Validate(int step, ITrainingWatcher watcher, CancellationToken stop)
    {
        var (losses, measured) = Evaluate(
            "validation loss", learner.Weights, batches.Validations(step, settings.ValidationBatches), stop);
        var loss = losses.Sum() / losses.Length;
        counted = (long)losses.Length * steps;
        learner.CountPasses(counted);
        var found = new BestValidation(step, loss, measured?.Value);
        var isBest = found.Beats(best, measure);
        if (isBest)
        {
            best = found;
            for (var k = 0; k < bestWeights.Length; k++) learner.Weights[k].CopyTo(bestWeights[k], 0);
        }
        watcher.Validated(new Validation(step, loss, isBest, found.Measure), learner.Weights);
    }

    private RunResult Test(CancellationToken stop)
    {
        var (losses, measured) = Evaluate("test loss", bestWeights, batches.Tests(settings.TestBatches), stop);
        var loss = Mean.Of(losses);
        return new RunResult(loss.Value, loss.StandardError, best.Step, best.Loss)
        {
            TestMeasure = measured?.Value,
            TestMeasureError = measured?.StandardError,
            BestMeasure = best.Measure,
        };
    }
}
