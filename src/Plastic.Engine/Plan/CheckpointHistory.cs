namespace Plastic.Engine;

/// <summary>
/// Where stored fast weights are. F is stored where a chunk begins, a checkpoint; checkpoint 0 is zero and nowhere. When
/// all of them would outgrow the bound, one in <see cref="Spread"/> is kept to the end of the forward pass, and the
/// backward pass computes those between again, segment by segment.
/// </summary>
internal readonly struct History
{
    private readonly int last, length;

    /// <summary>For a backward pass.</summary>
    /// <param name="chunks">The episode's chunks.</param>
    /// <param name="size">Floats of one checkpoint.</param>
    /// <param name="bound">Floats that they may take together; where no spread meets it, the smallest history is taken.</param>
    public History(Chunks chunks, long size, long bound)
    {
        (last, length) = (chunks.Count - 1, chunks.Length);
        Spread = 1;
        for (var spread = 2; spread <= last && Floats(Spread, size) > bound; spread++)
        {
            if (Count(spread) < Count(Spread))
            {
                Spread = spread;
            }
        }
        Slots = Count(Spread);
        Left = bound - Floats(Spread, size);
    }

    private History(Chunks chunks)
    {
        (last, length) = (chunks.Count - 1, chunks.Length);
        Slots = Math.Min(last, 1);
    }

    /// <summary>Checkpoints from one that is kept to the next; 0 when only the newest is.</summary>
    public int Spread { get; }

    /// <summary>How many there is room for.</summary>
    public int Slots { get; }

    /// <summary>Floats of the bound that they leave.</summary>
    public long Left { get; }

    /// <summary>For a forward pass alone.</summary>
    public static History Newest(Chunks chunks) => new(chunks);

    /// <summary>The slot of checkpoint k ≥ 1.</summary>
    public int Slot(int k) => Spread == 0 ? 0 : k % Spread == 0 ? k / Spread - 1 : last / Spread + k % Spread - 1;

    /// <summary>Whether the checkpoints before step t are to be computed again, from the kept one before them.</summary>
    public bool EndsSegment(int t) => Spread > 1 && t > 0 && t % (length * Spread) == 0;

    private int Count(int spread) => last / spread + spread - 1;

    private long Floats(int spread, long size) => Count(spread) * size;
}
