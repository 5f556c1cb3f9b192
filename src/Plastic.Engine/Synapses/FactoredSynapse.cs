namespace Plastic.Engine;

/// <summary>
/// A synapse whose F is held by its factors. F is stored where a chunk starts; within the chunk it is never formed. A product with it is
/// put together from products with α, W and the stored F (<see cref="FactoredProducts{V}"/>), and the cotangents of the chunk's pairs are
/// gathered product by product (<see cref="FactoredAdjoint{V}"/>). F̄ and ᾱ take one pass over the chunk (<see cref="ChunkBackward"/>).
/// </summary>
internal sealed unsafe class FactoredSynapse<V>(FactoredPlan plan) : ISynapse where V : struct, ILanes<V>
{
    public void Multiply(in GroupContext run, SynapseProduct product, int t)
    {
        SlowWeights<V>.Multiply(run, plan, product);
        if (t == 0)
        {
            SlowWeights<V>.Copy(run, plan, product);
        }
        else
        {
            FactoredProduct<V>.AddFast(run, plan, product, t);
        }
    }

    public void Advance(in GroupContext run, int t)
    {
        if (run.Chunks.Starts(t))
        {
            ChunkPairs<V>.StoreFast(run, plan, t);
        }
        else
        {
            ChunkPairs<V>.Append(run, plan, t - 1);
        }
        ChunkPairs<V>.SetCoefficients(run, plan, run.Chunks.Start(t), t);
    }

    public void StoreAfter(in GroupContext run, int t) => ChunkPairs<V>.StoreFast(run, plan, t + 1, isApart: true);

    public void BeginBackward(in GroupContext run)
    {
        foreach (var place in plan.NeededBars)
        {
            run.Clear(place);
        }
        // The last chunk's pairs are still there from the forward pass.
        FactoredAdjoint<V>.ClearBars(run, plan);
        ChunkPairs<V>.SetCoefficients(run, plan, run.Chunks.Start(run.Steps - 1), run.Steps - 1);
    }

    public void Recompute(in GroupContext run, int t)
    {
        var length = run.Chunks.Length;
        for (var u = t - length * (run.Schedule.History.Interval - 1); u <= t - length; u += length)
        {
            run.Stop.ThrowIfCancellationRequested();
            ChunkPairs<V>.StoreFast(run, plan, u);
        }
        ChunkPairs<V>.SetCoefficients(run, plan, run.Chunks.Start(t), t);
    }

    public void AdvanceBackward(in GroupContext run, int t)
    {
        if (run.Chunks.Starts(t))
        {
            FactoredAdjoint<V>.ChunkBackward(run, plan, t);
            FactoredAdjoint<V>.EnterChunk(run, plan, t);
        }
        else
        {
            FactoredAdjoint<V>.AddStep(run, plan, t);
        }
        ChunkPairs<V>.SetCoefficients(run, plan, run.Chunks.Start(t - 1), t - 1);
        FactoredAdjoint<V>.WriteUpdateBars(run, plan, t - 1);
    }

    public void EndBackward(in GroupContext run) => FactoredAdjoint<V>.ChunkBackward(run, plan, 0);
}
