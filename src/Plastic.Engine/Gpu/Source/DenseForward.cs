namespace Plastic.Engine;

/// <summary>Writes what the forward kernel does with a dense synapse: its update at the end of each step.</summary>
internal static class DenseForward
{
    public static void Advance(EpisodeLayout layout, int synapse, ListCode list, KernelWriter writer)
    {
        var plain = new DenseCode(layout, synapse, list.Of, isTransposed: false);
        var seen = $"if (seen == 2 || (seen == 1 && t == steps - 1)) seenF[{layout.Seen(synapse)} + k] = {plain.Outside("x")};";
        writer.Walk(plain.Updates($" {seen}"));
        if (!layout.HoldsTransposed(synapse)) return;
        writer.Walk(new DenseCode(layout, synapse, list.Of, isTransposed: true).Updates());
    }
}
