namespace Plastic.Engine;

/// <summary>How much a run asks for.</summary>
/// <param name="Frames">Frames of vectors.</param>
/// <param name="Fasts">Stored fast weights of a group.</param>
/// <param name="Bars">F̄ of a group, where one is ever stored: 0 or 1.</param>
/// <param name="Chunk">Steps of a chunk.</param>
/// <param name="Kept">Columns that the records of the forward list keep, for one pair a step.</param>
internal readonly record struct Need(int Frames, int Fasts, int Bars, int Chunk, long Kept)
{
    /// <summary>Enough for both.</summary>
    public Need And(Need other) => new(
        Math.Max(Frames, other.Frames), Math.Max(Fasts, other.Fasts), Math.Max(Bars, other.Bars), Math.Max(Chunk, other.Chunk),
        Math.Max(Kept, other.Kept));
}

/// <summary>How a group goes through an episode: what is stored when, and the room that takes.</summary>
internal readonly record struct Course
{
    /// <param name="plan">What is run.</param>
    /// <param name="steps">Steps of the episode.</param>
    /// <param name="isTrained">Whether a backward pass follows.</param>
    /// <param name="wantsEnd">Whether somebody asks for the F after the last step.</param>
    public Course(Plan plan, int steps, bool isTrained, bool wantsEnd)
    {
        Chunks = new Chunks(steps, plan.LongestChunk);
        // Synapses that are not implied have every F of the chunk in hand stored beside the history.
        var beside = plan.HasStored ? Chunks.Length : wantsEnd ? 1 : 0;
        var bound = plan.HistoryFloats - (long)beside * plan.FastSize;
        History = isTrained ? new History(Chunks, plan.FastSize, bound) : History.Newest(Chunks);
        var kept = steps * Workspace.KeptFloats(plan, Chunks.Length);
        KeepsRecords = isTrained && kept > 0 && kept <= History.Left;
        Need = new Need(
            isTrained ? steps : Math.Min(steps, 2 * Chunks.Length), History.Slots + beside,
            isTrained && (plan.HasStored || Chunks.Count > 1) ? 1 : 0, Chunks.Length,
            KeepsRecords ? (long)steps * Workspace.Columns(plan, 1, Chunks.Length) : 0);
    }

    public Chunks Chunks { get; }

    public History History { get; }

    /// <summary>Whether the products of the forward list are kept for the backward pass.</summary>
    public bool KeepsRecords { get; }

    public Need Need { get; }
}
