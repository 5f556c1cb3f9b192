namespace Plastic.Engine;

/// <summary>A worker's memory for products with the pairs of one factored synapse after another.</summary>
internal unsafe struct FactoredScratch
{
    /// <summary>The operand times the vector of every pair.</summary>
    public float* Scaled;

    /// <summary>Two places for products that are not saved.</summary>
    public float* Products, OtherProducts;

    /// <summary>Vectors of a chunk's pairs times their coefficients.</summary>
    public float* Weighted;

    /// <summary>Room for each of these synapses, given the length of their longest vector and the steps of a chunk.</summary>
    public static FactoredScratch Allot(ref BumpAllocator memory, FactoredPlan[] synapses, int longest, int group, int chunk)
    {
        var columns = 0;
        foreach (var s in synapses)
        {
            columns = Math.Max(columns, s.Columns(group, chunk));
        }
        var products = synapses.Length > 0 ? (long)(columns + group) * longest : 0;
        return new FactoredScratch
        {
            Scaled = memory.Allot((long)columns * longest),
            Products = memory.Allot(products),
            OtherProducts = memory.Allot(products),
            Weighted = memory.Allot(synapses.Length > 0 ? (long)chunk * longest : 0),
        };
    }
}
