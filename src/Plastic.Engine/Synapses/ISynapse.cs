namespace Plastic.Engine;

/// <summary>
/// One synapse of a group of samples while it runs, with its fast weights F held in one way or another. A group runs forward,
/// <see cref="Advance"/> and <see cref="Multiply"/> for each step, and then, for a gradient, backward.
/// </summary>
internal interface ISynapse
{
    /// <summary>y = (W + F(t))ᵀx or, transposed, (W + F(t))x, at step t.</summary>
    void Multiply(in GroupContext run, SynapseProduct product, int t);

    /// <summary>F(t − 1) becomes F(t), by the update at the end of step t − 1, for t ≥ 1.</summary>
    void Advance(in GroupContext run, int t);

    /// <summary>Stores F as the update at the end of step t leaves it, apart from all that the run needs, for an observer.</summary>
    void StoreAfter(in GroupContext run, int t);

    /// <summary>Before the backward pass: nothing depends on the update at the end of the last step.</summary>
    void BeginBackward(in GroupContext run);

    /// <summary>Computes again what was not kept of F between the checkpoint before step t and the kept one before that.</summary>
    void Recompute(in GroupContext run, int t);

    /// <summary>
    /// The adjoint of <see cref="Advance"/>, when step t ≥ 1 has been run backward: what the step adds to F̄(t), and then the cotangents of
    /// the update at the end of step t − 1. Where a chunk starts at t it is also the chunk's backward pass.
    /// </summary>
    void AdvanceBackward(in GroupContext run, int t);

    /// <summary>After the backward pass: completes ᾱ.</summary>
    void EndBackward(in GroupContext run);
}

/// <summary>The synapses of a plan, each with its strategy's type.</summary>
internal static class SynapseFactory
{
    /// <summary>One synapse.</summary>
    public static ISynapse Create<V>(SynapsePlan plan) where V : struct, ILanes<V> => plan switch
    {
        FactoredPlan factored => new FactoredSynapse<V>(factored),
        DensePlan dense => new DenseSynapse<V>(dense),
        _ => new SlowSynapse<V>(plan),
    };
}
