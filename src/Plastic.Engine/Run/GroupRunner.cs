using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Runs groups of samples through a plan, step by step: one worker's part of the engine.</summary>
internal abstract class GroupRunner : IDisposable
{
    /// <summary>Where the time spent on each part is recorded, if it is measured.</summary>
    public StepProfile? Profile { get; set; }

    /// <summary>Bytes allotted.</summary>
    public abstract long Bytes { get; }

    public abstract void Dispose();

    /// <summary>Runs samples first .. first + count − 1; writes each sample's loss and, if requested, adds to the shard's gradient.</summary>
    /// <exception cref="OperationCanceledException">It was stopped between two steps.</exception>
    public abstract void Run(
        Batch batch, int first, int count, bool wantGradient, in SharedParameters parameters, in ShardGradients gradients,
        double[] sampleLoss, IObserver? observer, CancellationToken stop);

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

/// <summary>
/// Walks the two lists of a Program. It computes vectors itself, and leaves everything about a synapse's weights to the synapse.
/// </summary>
internal sealed unsafe class GroupRunner<V>(Plan plan) : GroupRunner
    where V : struct, ILanes<V>
{
    private readonly Workspace workspace = new(plan);
    private readonly ISynapse[] synapses = Array.ConvertAll(plan.Synapses, SynapseFactory.Create<V>);
    private readonly Call[] forward = Array.ConvertAll(plan.Forward, o => new Call(o));
    private readonly Call[] backward = Array.ConvertAll(plan.Backward, o => new Call(o));

    public override long Bytes => workspace.Bytes;

    public override void Dispose() => workspace.Dispose();

    public override void Run(
        Batch batch, int first, int count, bool wantGradient, in SharedParameters parameters, in ShardGradients gradients,
        double[] sampleLoss, IObserver? observer, CancellationToken stop)
    {
        var schedule = new EpisodeSchedule(plan, batch.Steps, wantGradient, observer?.ReadsUpdates ?? false);
        workspace.Reserve(schedule.Room);
        workspace.Bases[(int)Region.Shared] = parameters.Vectors;
        workspace.Bases[(int)Region.Scratch] = workspace.Scratch;
        var run = new GroupContext(plan, schedule, workspace, parameters, gradients, first, count, stop);

        Forward(run, batch, observer);
        new ReadOnlySpan<double>(workspace.Losses, count).CopyTo(sampleLoss.AsSpan(first, count));
        if (wantGradient)
        {
            Backward(run, observer);
            Profile?.Measure(run);
        }
    }

    /// <summary>The group from the first step to the last.</summary>
    private void Forward(in GroupContext run, Batch batch, IObserver? observer)
    {
        new Span<double>(workspace.Losses, run.Count).Clear();
        for (var t = 0; t < run.Steps; t++)
        {
            run.Stop.ThrowIfCancellationRequested();
            run.EnterFrame(t);
            StepStates<V>.Load(run, batch, t);
            if (t > 0)
            {
                Profile?.Enter(StepPart.Forward);
                foreach (var synapse in synapses)
                {
                    synapse.Advance(run, t);
                }
            }
            Execute(run, forward, t, StepPart.Forward);
            for (var g = 0; g < run.Count; g++)
            {
                workspace.Losses[g] += *run.At(plan.Loss, g);
            }
            observer?.Step(run, t);
            if (observer is { ReadsUpdates: true } && observer.Reads(run, t))
            {
                foreach (var synapse in synapses)
                {
                    synapse.StoreAfter(run, t);
                }
                observer.After(run, t);
            }
        }
    }

    /// <summary>From the last step to the first: the backward list, the gradients of the vectors, the updates' adjoints.</summary>
    private void Backward(in GroupContext run, IObserver? observer)
    {
        run.EnterFrame(run.Steps - 1);
        StepStates<V>.ClearBars(run);
        foreach (var synapse in synapses)
        {
            synapse.BeginBackward(run);
        }
        for (var t = run.Steps - 1; t >= 0; t--)
        {
            run.Stop.ThrowIfCancellationRequested();
            run.EnterFrame(t);
            if (run.Schedule.History.EndsSegment(t))
            {
                Profile?.Enter(StepPart.Forward);
                foreach (var synapse in synapses)
                {
                    synapse.Recompute(run, t);
                }
            }
            Execute(run, backward, t, StepPart.Backward);
            observer?.StepBack(run, t);
            AddVectorGradients(run);
            if (t > 0)
            {
                StepStates<V>.CarryBars(run, t);
                Profile?.Enter(StepPart.Backward);
                foreach (var synapse in synapses)
                {
                    synapse.AdvanceBackward(run, t);
                }
                Profile?.Enter(StepPart.Other);
            }
        }
        Profile?.Enter(StepPart.Backward);
        foreach (var synapse in synapses)
        {
            synapse.EndBackward(run);
        }
        Profile?.Enter(StepPart.WeightGradients);
        foreach (var synapse in plan.Synapses)
        {
            SlowWeights<V>.AddGradient(run, synapse);
        }
        Profile?.Enter(StepPart.Other);
    }

    private void Execute(in GroupContext run, Call[] calls, int t, StepPart synapsePart)
    {
        foreach (ref readonly var call in calls.AsSpan())
        {
            if (call.Product is { } product)
            {
                Profile?.Enter(synapsePart);
                synapses[product.Synapse].Multiply(run, product, t);
            }
            else
            {
                Profile?.Enter(StepPart.Vectors);
                call.Vector.Execute(run);
            }
        }
        Profile?.Enter(StepPart.Other);
    }

    private void AddVectorGradients(in GroupContext run)
    {
        foreach (var vector in plan.Vectors)
        {
            if (vector.Gradient is { } gradient)
            {
                for (var g = 0; g < run.Count; g++)
                {
                    Elementwise<V>.Accumulate(
                        run.Gradients.VectorBars + vector.GradientOffset, run.At(gradient, g), gradient.Length);
                }
            }
        }
    }

    /// <summary>A product with a synapse, or else an operation on vectors.</summary>
    private readonly struct Call(PlannedOperation operation)
    {
        public readonly SynapseProduct? Product = operation as SynapseProduct;
        public readonly VectorCall<V> Vector = operation is VectorOperation vector ? new(vector) : default;
    }
}
