using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// The CPU engine: float32, all cores, a few samples at a time on each, with fast weights held as the factors of the outer products
/// that made them (docs/adr/0006). One result, bit for bit, whatever the number of threads and the width of the machine's
/// vectors. It runs one batch at a time and is not safe for use by several threads at once.
/// </summary>
public sealed unsafe class CpuExecutor : IExecutor
{
    /// <summary>Bytes that the stored fast weights may take on each thread by default: 64 MiB.</summary>
    public const long DefaultHistoryBytes = 64L << 20;

    private readonly Plan plan;
    private readonly Crew crew;
    private readonly Team team;
    private readonly bool ownsCrew;
    private readonly GroupRunner[] runners;
    private readonly ParameterMemory memory;
    private readonly Action<int, int> runShard, copyGradient;
    private readonly Shards shards;
    private BatchInHand[] inHand = [];
    private bool wantGradient;
    private float[][] gradients = [];
    private CancellationToken stop;

    /// <summary>An executor with its own threads.</summary>
    /// <param name="program">The network's step.</param>
    /// <param name="threads">Threads, at least 1. They change the time that a batch takes, and no bit of the result.</param>
    /// <param name="historyBytes">
    /// Bytes, at least 1, that the fast weights and products kept for a backward pass may take on each thread; with less, more is
    /// recomputed. For T > 8 steps about 2√(T/8) fast weights (2√(T/4) where a synapse is dense) of up to four samples are always
    /// kept. Changes time and memory, and no bit of the result.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one thread, or a history of no bytes.</exception>
    public CpuExecutor(StepProgram program, int threads, long historyBytes = DefaultHistoryBytes)
        : this(program, new Crew(threads), historyBytes) => ownsCrew = true;

    /// <summary>An executor that shares a crew, which must not be running other work at the same time.</summary>
    /// <param name="program">The network's step.</param>
    /// <param name="crew">The threads; disposing of the executor leaves them alive.</param>
    /// <param name="historyBytes">As above.</param>
    /// <exception cref="ArgumentOutOfRangeException">A history of no bytes.</exception>
    public CpuExecutor(StepProgram program, Crew crew, long historyBytes = DefaultHistoryBytes)
        : this(program, crew, historyBytes, GroupRunner.Create)
    {
    }

    /// <summary>An executor of one of several ranks.</summary>
    /// <param name="program">The network's step.</param>
    /// <param name="crew">The threads of this rank; disposing of the executor leaves them alive.</param>
    /// <param name="team">
    /// The ranks that compute a gradient together, each of its part of the shards: all call <see cref="Gradient"/> with the same parameters
    /// and the same batch, and get the same loss and gradient, bit for bit those of one process. All else each does alone.
    /// </param>
    /// <param name="historyBytes">As above.</param>
    /// <exception cref="ArgumentOutOfRangeException">A history of no bytes.</exception>
    public CpuExecutor(StepProgram program, Crew crew, Team team, long historyBytes = DefaultHistoryBytes)
        : this(program, crew, historyBytes, GroupRunner.Create, Chunks.Longest, team)
    {
    }

    /// <summary>An executor with runners of given lanes.</summary>
    internal CpuExecutor(
        StepProgram program, Crew crew, long historyBytes, Func<Plan, GroupRunner> runner,
        int longestChunk = Chunks.Longest)
        : this(program, crew, historyBytes, runner, longestChunk, new Team())
    {
    }

    private CpuExecutor(
        StepProgram program, Crew crew, long historyBytes, Func<Plan, GroupRunner> runner, int longestChunk, Team team)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(historyBytes, 1);
        (this.crew, this.team) = (crew, team);
        plan = new Plan(program, historyBytes / sizeof(float), longestChunk);
        memory = new ParameterMemory(plan);
        runners = [.. Enumerable.Range(0, crew.Threads).Select(_ => runner(plan))];
        shards = new Shards(plan, team);
        runShard = RunShard;
        copyGradient = CopyGradient;
    }

    /// <inheritdoc/>
    public StepProgram Program => plan.Program;

    /// <inheritdoc/>
    public Episode Run(double[][] parameters, Batch batch, bool wantGradient) => Record(parameters, batch, wantGradient, null, default);

    /// <inheritdoc/>
    public Episode Watch(double[][] parameters, Batch batch, IEpisodeWatcher watcher, CancellationToken stop = default) =>
        Record(parameters, batch, wantGradient: false, watcher, stop);

    private Episode Record(double[][] parameters, Batch batch, bool wantGradient, IEpisodeWatcher? watcher, CancellationToken stop)
    {
        if (wantGradient && team.Count > 1) throw new NotSupportedException("CpuExecutor: of several ranks, none sees all that a run with a gradient returns.");
        var values = Array.ConvertAll(parameters, p => Array.ConvertAll(p, x => (float)x));
        var recorder = new EpisodeRecorder(plan, batch, wantGradient, watcher);
        var bars = wantGradient ? Array.ConvertAll(values, p => new float[p.Length]) : [];
        Take(1);
        inHand[0].Begin(batch, recorder);
        RunInHand(values, 1, wantGradient, bars, stop);
        return new Episode(
            inHand[0].Loss, (double[])inHand[0].SampleLoss.Clone(), recorder.Outputs,
            Array.ConvertAll(bars, p => Array.ConvertAll(p, x => (double)x)), recorder.InputGradients, recorder.FastWeights, recorder.States);
    }

    /// <inheritdoc/>
    public double Gradient(
        float[][] parameters, Batch batch, float[][] gradients, IReadOnlyDictionary<string, double[]>? inputGradients = null,
        CancellationToken stop = default)
    {
        if (inputGradients is { Count: > 0 } && team.Count > 1)
        {
            throw new NotSupportedException("CpuExecutor: of several ranks, none sees the gradients of all data.");
        }
        Take(1);
        inHand[0].Begin(batch, outputs: null, inputGradients);
        RunInHand(parameters, 1, wantGradient: true, gradients, stop);
        return inHand[0].Loss;
    }

    /// <inheritdoc/>
    public double Evaluate(
        float[][] parameters, Batch batch, IReadOnlyDictionary<string, double[]>? outputs = null, CancellationToken stop = default)
    {
        var loss = 0.0;
        EvaluateEach(parameters, new(ref batch), new(ref loss), outputs is null ? default : new(ref outputs), stop);
        return loss;
    }

    /// <inheritdoc/>
    /// <remarks>They run side by side, with the parameters brought into the engine's layout once: no thread waits between batches.</remarks>
    public void EvaluateEach(
        float[][] parameters, ReadOnlySpan<Batch> batches, Span<double> losses,
        ReadOnlySpan<IReadOnlyDictionary<string, double[]>> outputs = default, CancellationToken stop = default)
    {
        IExecutor.RequireRoom(batches.Length, losses.Length, outputs.Length);
        Take(batches.Length);
        for (var k = 0; k < batches.Length; k++)
        {
            inHand[k].Begin(batches[k], outputs.IsEmpty ? null : outputs[k], inputGradients: null);
        }
        RunInHand(parameters, batches.Length, wantGradient: false, [], stop);
        for (var k = 0; k < batches.Length; k++)
        {
            losses[k] = inHand[k].Loss;
        }
    }

    /// <summary>
    /// The bytes that an executor allots for gradients and evaluations of batches, found without allotting them. The arrays that
    /// <see cref="Run"/> returns are not included.
    /// </summary>
    /// <param name="program">The network's step.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="steps">Steps of an episode, at least 1.</param>
    /// <param name="withGradient">Whether gradients are computed.</param>
    /// <param name="historyBytes">As for the constructor.</param>
    public static long MemoryFor(
        StepProgram program, int threads, int steps, bool withGradient, long historyBytes = DefaultHistoryBytes)
    {
        var plan = new Plan(program, historyBytes / sizeof(float));
        var room = new EpisodeSchedule(plan, steps, isTrained: false, readsUpdates: false).Room;
        if (withGradient)
        {
            room = room.And(new EpisodeSchedule(plan, steps, isTrained: true, readsUpdates: false).Room);
        }
        return AlignedBuffer.BytesFor(ParameterMemory.Floats(plan)) + AlignedBuffer.BytesFor(Shards.Floats(plan))
            + threads * Workspace.BytesFor(plan, room);
    }

    /// <summary>The bytes that it has allotted so far.</summary>
    internal long Bytes => memory.Bytes + shards.Bytes + runners.Sum(runner => runner.Bytes);

    /// <summary>Starts to measure where each worker's time goes, which costs 1 to 2 %.</summary>
    /// <returns>A profile for each worker, which grows as batches run.</returns>
    public IReadOnlyList<StepProfile> StartProfiling()
    {
        foreach (var runner in runners)
        {
            runner.Profile = new StepProfile();
        }
        return Array.ConvertAll(runners, runner => runner.Profile!);
    }

    /// <summary>Frees the engine's memory, and its threads if it has its own.</summary>
    public void Dispose()
    {
        foreach (var runner in runners)
        {
            runner.Dispose();
        }
        shards.Dispose();
        memory.Dispose();
        if (ownsCrew)
        {
            crew.Dispose();
        }
    }

    /// <summary>Makes room for so many batches.</summary>
    private void Take(int count)
    {
        if (count > inHand.Length)
        {
            inHand = [.. inHand, .. Enumerable.Range(inHand.Length, count - inHand.Length).Select(_ => new BatchInHand(plan))];
        }
    }

    private void RunInHand(float[][] parameters, int count, bool wantGradient, float[][] gradients, CancellationToken stop)
    {
        for (var k = 0; k < count; k++)
        {
            CheckData(inHand[k].Batch);
        }
        memory.Load(parameters, crew);
        (this.wantGradient, this.gradients, this.stop) = (wantGradient, gradients, stop);
        crew.Run(wantGradient ? shards.Own.Count : checked(count * shards.Count), runShard);
        if (wantGradient)
        {
            team.Share(inHand[0].SampleLoss, shards.Size);
            shards.Sum(crew);
            crew.Run(Program.Parameters.Length, copyGradient);
        }
    }

    private void CheckData(Batch batch)
    {
        if (batch.Size != Program.Batch)
        {
            throw new ShapeException("batch", $"{Program.Batch} episodes, the batch size of the network", $"{batch.Size}");
        }
        if (batch.Steps < 1)
        {
            throw new ShapeException("batch", "at least one step", $"{batch.Steps}");
        }
        foreach (var (name, place) in plan.Data)
        {
            var given = batch.Read(name, 0, 0).Count;
            if (given != place.Length)
            {
                throw new ShapeException($"data {name}", $"length {place.Length}", $"{given}");
            }
        }
    }

    /// <summary>Runs one shard of a batch; a gradient is that of a single batch, in the shards of this rank.</summary>
    private void RunShard(int worker, int item)
    {
        var shard = wantGradient ? shards.Own.First + item : item % shards.Count;
        var one = inHand[wantGradient ? 0 : item / shards.Count];
        var batch = one.Batch;
        var profile = runners[worker].Profile;
        profile?.Start();
        if (wantGradient)
        {
            shards.Clear(shard);
        }
        var end = Math.Min(batch.Size, (shard + 1) * shards.Size);
        for (var first = shard * shards.Size; first < end; first += plan.Group)
        {
            runners[worker].Run(
                batch, first, Math.Min(plan.Group, end - first), wantGradient, memory.Shared, shards.Gradients(shard), one.SampleLoss,
                one.Observer, stop);
        }
        profile?.Stop();
    }

    /// <summary>Copies the gradient of one parameter to the caller's array.</summary>
    private void CopyGradient(int worker, int parameter)
    {
        var to = gradients[parameter];
        if (!Program.Parameters[parameter].Trained)
        {
            Array.Clear(to);
            return;
        }
        foreach (var s in plan.Synapses)
        {
            var isWeight = s.Weight == parameter;
            if (isWeight || (s is PlasticPlan plastic && plastic.Alpha.Parameter == parameter))
            {
                var bars = isWeight ? shards.Total.WeightBars : shards.Total.AlphaBars;
                ParameterMemory.Copy(bars + s.MatrixOffset, to, s.Layout);
                return;
            }
        }
        foreach (var v in plan.Vectors)
        {
            if (v.Parameter == parameter && v.Gradient is { } gradient)
            {
                new ReadOnlySpan<float>(shards.Total.VectorBars + v.GradientOffset, gradient.Length).CopyTo(to);
                return;
            }
        }
        Array.Clear(to);
    }
}
