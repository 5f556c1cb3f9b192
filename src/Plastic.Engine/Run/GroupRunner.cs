using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Where the executor's shared memory is while a batch runs.</summary>
internal unsafe struct SharedMemory
{
    /// <summary>Vector parameters and constants.</summary>
    public float* Vectors;

    /// <summary>α of every synapse, ones where it is not trained, row by row.</summary>
    public float* Alphas;

    /// <summary>W and α of every synapse in panels.</summary>
    public float* WeightPanels, AlphaPanels;

    /// <summary>W and α of every synapse turned and in panels.</summary>
    public float* TurnedWeightPanels, TurnedAlphaPanels;
}

/// <summary>Where one shard gathers its gradient.</summary>
internal unsafe struct ShardMemory
{
    public float* WeightBars, AlphaBars, VectorBars;
}

/// <summary>What a caller wants of a run beyond the loss.</summary>
internal enum RunMode
{
    /// <summary>The loss alone: nothing is kept for a backward pass.</summary>
    Evaluate,

    /// <summary>The loss and its gradient.</summary>
    Gradient,
}

/// <summary>Hears of a group's values while they are in memory; for callers that read more than the loss.</summary>
internal unsafe interface IObserver
{
    /// <summary>After step t of samples first .. first + count − 1; their values are at Offset + g·Stride.</summary>
    void Step(int first, int count, int t, float** bases);

    /// <summary>Whether End is to be called.</summary>
    bool WantsEnd { get; }

    /// <summary>After the last step, with F updated once more.</summary>
    void End(int first, int count, float** bases, float* fast);
}

/// <summary>Runs groups of samples through a plan, step by step: the engine's inner loop, for one kind of lanes.</summary>
internal abstract class GroupRunner : IDisposable
{
    /// <summary>Told what time is spent on, when somebody asks.</summary>
    public StepProfile? Profile { get; set; }

    /// <summary>Bytes taken.</summary>
    public abstract long Taken { get; }

    public abstract void Dispose();

    /// <summary>Runs samples first .. first + count − 1; writes each sample's loss, adds to the shard's gradient.</summary>
    /// <exception cref="OperationCanceledException">It was stopped between two steps.</exception>
    public abstract void Run(
        Batch batch, int first, int count, RunMode mode, in SharedMemory shared, in ShardMemory shard, double[] sampleLoss,
        IObserver? observer, CancellationToken stop);

    /// <summary>A runner for the widest lanes that this machine runs at full speed.</summary>
    public static GroupRunner Create(Plan plan)
    {
        if (WideLanes.IsAccelerated)
        {
            return new GroupRunner<WideLanes>(plan);
        }
        return PairLanes.IsAccelerated ? new GroupRunner<PairLanes>(plan) : new GroupRunner<QuadLanes>(plan);
    }
}

/// <inheritdoc/>
internal sealed unsafe partial class GroupRunner<V>(Plan plan) : GroupRunner
    where V : struct, ILanes<V>
{
    private readonly Workspace workspace = new(plan);
    private readonly Call[] forward = Array.ConvertAll(plan.Forward, o => new Call(o));
    private readonly Call[] backward = Array.ConvertAll(plan.Backward, o => new Call(o));
    private float** bases;
    private SharedMemory shared;
    private ShardMemory shard;
    private Batch batch = null!;
    private int first, count, steps;
    private bool isTrained, keepsRecords;
    private Chunks chunks;
    private History history;
    private CancellationToken stop;

    public override long Taken => workspace.Taken;

    public override void Dispose() => workspace.Dispose();

    public override void Run(
        Batch batch, int first, int count, RunMode mode, in SharedMemory shared, in ShardMemory shard, double[] sampleLoss,
        IObserver? observer, CancellationToken stop)
    {
        (this.batch, this.first, this.count, steps, this.stop) = (batch, first, count, batch.Steps, stop);
        (this.shared, this.shard) = (shared, shard);
        isTrained = mode == RunMode.Gradient;
        var course = new Course(plan, steps, isTrained, observer?.WantsEnd ?? false);
        (chunks, history, keepsRecords) = (course.Chunks, course.History, course.KeepsRecords);
        workspace.Reserve(course.Need);
        bases = workspace.Bases;
        bases[(int)Region.Shared] = shared.Vectors;
        bases[(int)Region.Scratch] = workspace.Scratch;

        Forward(observer);
        new ReadOnlySpan<double>(workspace.Losses, count).CopyTo(sampleLoss.AsSpan(first, count));
        if (isTrained)
        {
            Backward();
        }
    }

    /// <summary>The group from the first step to the last.</summary>
    private void Forward(IObserver? observer)
    {
        new Span<double>(workspace.Losses, count).Clear();
        for (var t = 0; t < steps; t++)
        {
            stop.ThrowIfCancellationRequested();
            Enter(t);
            if (t > 0)
            {
                Profile?.Enter(StepPart.Forward);
                Learn(t);
            }
            ExecuteAll(forward, t, StepPart.Forward);
            for (var g = 0; g < count; g++)
            {
                workspace.Losses[g] += *At(plan.Loss, g);
            }
            observer?.Step(first, count, t, bases);
        }
        if (observer is { WantsEnd: true })
        {
            foreach (var synapse in plan.Synapses)
            {
                if (synapse.IsPlastic)
                {
                    StoreLast(synapse);
                }
            }
            observer.End(first, count, bases, workspace.Fast(history.Slots));
        }
    }

    /// <summary>Without a gradient two chunks of frames are in turn, so that a chunk's follow each other in memory.</summary>
    private float* Frame(int t) => workspace.Frame(isTrained ? t : t % (2 * chunks.Length));

    /// <summary>Sample g of a vector in the current frame.</summary>
    private float* At(Place place, int g) => bases[(int)place.Region] + place.Offset + g * place.Stride;

    /// <summary>Sample g of a vector in the frame of step t; what is not in a frame is the same at every step.</summary>
    private float* At(Place place, int g, int t) =>
        (place.Region == Region.Frame ? Frame(t) : bases[(int)place.Region]) + place.Offset + g * place.Stride;

    private static void Zero(float* start, long length) => new Span<float>(start, checked((int)length)).Clear();

    /// <summary>Opens the frame of step t: the batch's data, and the states that step t − 1 left.</summary>
    private void Enter(int t)
    {
        bases[(int)Region.Frame] = Frame(t);
        foreach (var (name, place) in plan.Data)
        {
            for (var g = 0; g < count; g++)
            {
                var given = batch.Read(name, first + g, t).AsSpan();
                var to = At(place, g);
                for (var i = 0; i < given.Length; i++)
                {
                    to[i] = (float)given[i];
                }
            }
        }
        foreach (var state in plan.States)
        {
            if (state.Entry is { } entry)
            {
                for (var g = 0; g < count; g++)
                {
                    if (t == 0)
                    {
                        Zero(At(entry, g), entry.Stride);
                    }
                    else
                    {
                        Elementwise<V>.Copy(At(entry, g), At(state.Next, g, t - 1), state.Length);
                    }
                }
            }
        }
    }

    private void ExecuteAll(Call[] calls, int t, StepPart synapses)
    {
        foreach (ref readonly var call in calls.AsSpan())
        {
            Profile?.Enter(call.IsVector ? StepPart.Vectors : synapses);
            if (call.IsVector)
            {
                ExecuteVector(call);
            }
            else
            {
                Product(call.Operation, t);
            }
        }
        Profile?.Enter(StepPart.Other);
    }
}
