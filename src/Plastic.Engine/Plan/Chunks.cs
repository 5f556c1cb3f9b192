namespace Plastic.Engine;

/// <summary>
/// An episode cut into chunks of equal length, the last perhaps shorter. F is stored where a chunk starts. Within the chunk a factored F is
/// that one and the pairs since, a dense F is stored at every step.
/// </summary>
internal readonly record struct Chunks
{
    /// <summary>
    /// Steps at most. A product within a chunk costs one multiply-add for each connection and pair since its start; the start of a
    /// chunk costs a few passes over F and F̄. The measured time hardly differs between 5 and 10
    /// steps, with 256-bit registers and with 512-bit ones.
    /// </summary>
    public const int Longest = 8;

    /// <summary>The same for a dense F, which every step of a chunk stores.</summary>
    public const int LongestDense = 4;

    /// <param name="steps">Steps of the episode.</param>
    /// <param name="longest">Steps of a chunk at most.</param>
    public Chunks(int steps, int longest)
    {
        Steps = steps;
        Count = (steps + longest - 1) / longest;
        Length = (steps + Count - 1) / Count;
    }

    public int Steps { get; }

    public int Count { get; }

    /// <summary>Steps of every chunk but the last.</summary>
    public int Length { get; }

    /// <summary>The first step of the chunk that step t is in.</summary>
    public int Start(int t) => t / Length * Length;

    /// <summary>Whether a chunk starts at step t.</summary>
    public bool Starts(int t) => t % Length == 0;
}
