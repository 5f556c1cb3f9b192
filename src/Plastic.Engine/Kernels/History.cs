namespace Plastic.Engine;

/// <summary>
/// Where stored fast weights are. F is stored at every <see cref="Panels.Depth"/>-th step, a checkpoint; checkpoint 0 is
/// zero and nowhere. When all of them would outgrow the bound, one in <see cref="Spread"/> is kept to the end of the forward
/// pass, and the backward pass computes those between again, segment by segment.
/// </summary>
internal readonly struct History
{
    private readonly int last;

    /// <summary>For a backward pass.</summary>
    /// <param name="steps">Steps of an episode.</param>
    /// <param name="size">Floats of one checkpoint.</param>
    /// <param name="bound">Floats that they may take together; where no spread meets it, the smallest history is taken.</param>
    public History(int steps, long size, long bound)
    {
        last = Last(steps);
        Spread = 1;
        for (var spread = 2; spread <= last && Count(last, Spread) * size > bound; spread++)
        {
            if (Count(last, spread) < Count(last, Spread))
            {
                Spread = spread;
            }
        }
        Slots = Count(last, Spread);
    }

    private History(int last)
    {
        this.last = last;
        Slots = Math.Min(last, 1);
    }

    /// <summary>Checkpoints from one that is kept to the next; 0 when only the newest is.</summary>
    public int Spread { get; }

    /// <summary>How many there is room for.</summary>
    public int Slots { get; }

    /// <summary>For a forward pass alone.</summary>
    public static History Newest(int steps) => new(Last(steps));

    /// <summary>The slot of checkpoint k ≥ 1.</summary>
    public int Slot(int k) => Spread == 0 ? 0 : k % Spread == 0 ? k / Spread - 1 : last / Spread + k % Spread - 1;

    /// <summary>Whether the checkpoints before step t are to be computed again, from the kept one before them.</summary>
    public bool EndsSegment(int t) => Spread > 1 && t > 0 && t % (Panels.Depth * Spread) == 0;

    private static int Last(int steps) => (steps - 1) / Panels.Depth;

    private static int Count(int last, int spread) => last / spread + spread - 1;
}
