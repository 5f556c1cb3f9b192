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
    private readonly RunSettings settings;
    private readonly IExecutor executor;
    private readonly BatchSource batches;
    private readonly Evaluator evaluator;
    private readonly Learner learner;
    private readonly float[][] bestWeights;
    private readonly NumberCheck check;
    private readonly IReadOnlyList<Parameter> parameters;
    private readonly Measure? measure;
    private readonly int steps;
    private double lossSum, normSum;
    private int summed;
    private int step;
    private long counted;
    private BestValidation best = BestValidation.None, bestAtTop = BestValidation.None;

    /// <param name="run">The run to train.</param>
    /// <param name="network">The run's network.</param>
    /// <param name="crew">The threads that share the work; the result does not depend on their number.</param>
    /// <param name="historyBytes">The memory for stored fast weights on each thread, in bytes.</param>
    public Trainer(Run run, PlasticNetwork network, Crew crew, long historyBytes)
    {
        (this.run, this.network, this.crew) = (run, network, crew);
        settings = run.Settings;
        parameters = network.Parameters;
        executor = Executor.Create(network, crew, run.Seed, historyBytes);
        check = new NumberCheck(executor, run);
        batches = new BatchSource(run, crew);
        learner = new Learner(executor, network.InitialValues(run.Seed), settings.Optimiser(), settings.MaxGradientNorm, crew);
        bestWeights = Array.ConvertAll(learner.Weights, p => new float[p.Length]);
        measure = run.Task.Measure;
        steps = run.Episodes.Steps;
        evaluator = measure is null
            ? new Evaluator(run, executor, batches)
            : new Evaluator(run, executor, batches, ("output", run.Episodes.Outputs));
    }

    /// <summary>Trains and tests.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; <see cref="State"/> is that of the step's start.</exception>
    /// <exception cref="PlasticException">A loss or gradient is not finite.</exception>
    public RunResult Run(ITrainingWatcher watcher, CancellationToken stop)
    {
        if (step == 0 && settings.EncoderWarmup > 0) EncoderWarmup.Train(run, network, learner.Weights, batches, crew, watcher, stop);
        for (; step <= settings.MaxBatch; step++)
        {
            bestAtTop = best;
            watcher.Began(step);
            try
            {
                if (step % settings.ValidateEvery == 0) Validate(step, watcher, stop);
                stop.ThrowIfCancellationRequested();
                Update(step, watcher, stop);
            }
            catch
            {
                // Who continues from the start of the step validates again.
                learner.CountPasses(-counted);
                counted = 0;
                throw;
            }
        }
        bestAtTop = best;
        watcher.Began(step);
        var frozen = Frozen(stop);
        return Test(stop) with { Frozen = frozen };
    }

    /// <summary>
    /// The state at the start of the current step, to continue from; its arrays are the trainer's own.
    /// </summary>
    public TrainingState State => new(
        step, bestAtTop, lossSum, normSum, summed, learner.Steps, [.. Arrays.Select(a => a.Tensor)]);

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
        (lossSum, normSum, summed, learner.Steps) = (state.LossSum, state.NormSum, state.Summed, state.OptimiserSteps);

        static PlasticException Fault(string what) =>
            new(ExitCode.BadData, $"the checkpoint belongs to another network or optimiser: {what}");
    }

    public void Dispose() => executor.Dispose();

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

    private void Update(int step, ITrainingWatcher watcher, CancellationToken stop)
    {
        var batch = batches.Train(step);
        learner.Measure(batch, stop);
        check.Require(learner.Loss, "training loss", step, learner.Weights, batch, wantGradient: true, stop);
        check.Require(learner.Norm, "gradient", step, learner.Weights, batch, wantGradient: true, stop);
        // The step can no longer fail; until here State gives its start, with the best weights of then.
        KeepBest();
        counted = 0;
        if (!IsFrozen(step)) learner.Update(LearningRate(step));

        lossSum += learner.Loss;
        normSum += learner.Norm;
        summed++;
        watcher.Updated(step, learner.Loss);
        if ((step + 1) % settings.LogEvery == 0 || step == settings.MaxBatch)
        {
            watcher.Logged(step, lossSum / summed, normSum / summed);
            (lossSum, normSum, summed) = (0, 0, 0);
        }
    }

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
        var seen = 0;
        evaluator.Run(
            weights, range,
            (batch, loss, outputs) =>
            {
                check.Require(loss, what, step, weights, batch, wantGradient: false, stop);
                if (measure is not null) measures[seen] = measure.Of(batch, outputs["output"]);
                losses[seen++] = loss;
            },
            stop);
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
        if (isBest) best = found;
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

    /// <summary>Makes the weights of the best validation the best weights.</summary>
    private void KeepBest()
    {
        if (bestAtTop == best) return;
        for (var k = 0; k < bestWeights.Length; k++) learner.Weights[k].CopyTo(bestWeights[k], 0);
    }
}
