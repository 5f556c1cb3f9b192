namespace Plastic.Engine;

/// <summary>
/// Finds products that serve twice. The cotangent of a factored F asks, for each pair x ⊗ y of a step, for the products of x and of y with the
/// chunk's pairs; the forward list has usually computed the one, for the value, and the backward list the other, for its cotangent.
/// </summary>
internal static class ProductReuse
{
    /// <summary>Marks the products that are to be saved, in the lists, and gives each pair of the synapses' gradients their numbers.</summary>
    public static SavedProducts[] Find(PlannedOperation[] forward, PlannedOperation[] backward, SynapsePlan[] synapses)
    {
        var saved = new List<SavedProducts>();
        int? Search(PlannedOperation[] list, SynapsePlan s, bool isTransposed, Place operand)
        {
            for (var at = 0; at < list.Length; at++)
            {
                if (list[at] is SynapseProduct product && product.Synapse == s.Index && product.IsTransposed == isTransposed
                    && product.Operand == operand)
                {
                    if (product.Saved is null)
                    {
                        list[at] = product with { Saved = saved.Count };
                        saved.Add(new SavedProducts(s.Index, list == forward, s.Layout.Product(isTransposed).Width));
                    }
                    return ((SynapseProduct)list[at]).Saved;
                }
            }
            return null;
        }
        for (var k = 0; k < synapses.Length; k++)
        {
            if (synapses[k] is FactoredPlan s)
            {
                synapses[k] = s with
                {
                    SavedGradient = Array.ConvertAll(s.Gradient, pair =>
                    {
                        // At most one of the two is of the forward list: the other is to have the product with F(a), which that list does not keep.
                        var z = Search(forward, s, false, pair.P);
                        var w = z is null ? Search(forward, s, true, pair.Q) : null;
                        return new FactoredGradient(
                            pair, z ?? Search(backward, s, false, pair.P), w ?? Search(backward, s, true, pair.Q));
                    }),
                };
            }
        }
        return [.. saved];
    }
}
