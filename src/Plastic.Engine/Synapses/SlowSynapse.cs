namespace Plastic.Engine;

/// <summary>A synapse without fast weights: only W, whose gradient is added up at the end of the episode.</summary>
internal sealed class SlowSynapse<V>(SynapsePlan plan) : ISynapse where V : struct, ILanes<V>
{
    public void Multiply(in GroupContext run, SynapseProduct product, int t)
    {
        SlowWeights<V>.Multiply(run, plan, product);
        SlowWeights<V>.Copy(run, plan, product);
    }

    public void Advance(in GroupContext run, int t)
    {
    }

    public void StoreAfter(in GroupContext run, int t)
    {
    }

    public void BeginBackward(in GroupContext run)
    {
    }

    public void Recompute(in GroupContext run, int t)
    {
    }

    public void AdvanceBackward(in GroupContext run, int t)
    {
    }

    public void EndBackward(in GroupContext run)
    {
    }
}
