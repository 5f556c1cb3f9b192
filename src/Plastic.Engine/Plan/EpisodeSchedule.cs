namespace Plastic.Engine;

/// <summary>The room that a run needs.</summary>
/// <param name="Frames">Frames of vectors.</param>
/// <param name="FastSlots">Stored fast weights of a group.</param>
/// <param name="HasFastBar">Whether F̄ of a group is ever stored.</param>
/// <param name="Chunk">Steps of a chunk.</param>
/// <param name="SavedColumns">Columns of saved forward products, for one pair a step.</param>
internal readonly record struct RoomNeeded(int Frames, int FastSlots, bool HasFastBar, int Chunk, long SavedColumns)
{
    /// <summary>Enough for both.</summary>
    public RoomNeeded And(RoomNeeded other) => new(
        Math.Max(Frames, other.Frames), Math.Max(FastSlots, other.FastSlots), HasFastBar || other.HasFastBar,
        Math.Max(Chunk, other.Chunk), Math.Max(SavedColumns, other.SavedColumns));
}

/// <summary>How a group runs through an episode: its chunks, what is stored when and where, and the memory for it.</summary>
internal readonly record struct EpisodeSchedule
{
    /// <param name="plan">What is run.</param>
    /// <param name="steps">Steps of the episode.</param>
    /// <param name="isTrained">Whether a backward pass follows.</param>
    /// <param name="readsUpdates">Whether an observer reads the F that updates leave.</param>
    public EpisodeSchedule(Plan plan, int steps, bool isTrained, bool readsUpdates)
    {
        IsTrained = isTrained;
        Chunks = new Chunks(steps, plan.LongestChunk);
        // A dense F is stored at every step of the current chunk, in addition to the history.
        var hasDense = plan.Dense.Length > 0;
        var inHand = (hasDense ? Chunks.Length : 0) + (readsUpdates ? 1 : 0);
        var bound = plan.HistoryFloats - (long)inHand * plan.FastSize;
        History = isTrained ? new CheckpointHistory(Chunks, plan.FastSize, bound) : CheckpointHistory.Newest(Chunks);
        var saved = steps * SavedFloats(plan, Chunks.Length);
        SavesProducts = isTrained && saved > 0 && saved <= History.FloatsLeft;
        SlotApart = History.Slots + inHand - 1;
        Room = new RoomNeeded(
            isTrained ? steps : Math.Min(steps, 2 * Chunks.Length), History.Slots + inHand,
            isTrained && (hasDense || Chunks.Count > 1), Chunks.Length,
            SavesProducts ? (long)steps * FactoredPlan.Columns(plan.Group, Chunks.Length, pairs: 1) : 0);
    }

    public int Steps => Chunks.Steps;

    /// <summary>Whether a backward pass follows.</summary>
    public bool IsTrained { get; }

    public Chunks Chunks { get; }

    public CheckpointHistory History { get; }

    /// <summary>Whether the pairs' products of the forward list are saved for the backward pass.</summary>
    public bool SavesProducts { get; }

    public RoomNeeded Room { get; }

    /// <summary>The frame of step t. Without a gradient two chunks of frames take turns, so that a chunk's lie side by side.</summary>
    public int Frame(int t) => IsTrained ? t : t % (2 * Chunks.Length);

    /// <summary>The slot for the F that an update leaves, if an observer reads it.</summary>
    public int SlotApart { get; }

    /// <summary>The slot of the fast weights at the start of step t ≥ 1, if they are stored.</summary>
    public int FastSlot(int t) =>
        Chunks.Starts(t) ? History.Slot(t / Chunks.Length)
        : History.Slots + t % Chunks.Length;

    /// <summary>Floats of the forward list's products with pairs for one step, given the steps of a chunk.</summary>
    private static long SavedFloats(Plan plan, int chunk)
    {
        var sum = 0L;
        foreach (var saved in plan.Saved)
        {
            sum += saved.IsForward ? (long)plan.Columns(saved, chunk) * saved.Width : 0;
        }
        return sum;
    }
}
