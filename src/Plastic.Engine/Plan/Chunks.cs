namespace Plastic.Engine;

/// <summary>
/// An episode cut into chunks of equal length, the last perhaps shorter. F is stored where a chunk begins, and within the
/// chunk it is that F and the pairs since.
/// </summary>
internal readonly record struct Chunks
{
    /// <summary>
    /// Steps at most. A product within a chunk costs one multiply-add for each connection and pair since its beginning; a
    /// beginning costs a few passes over F and F̄.
    /// </summary>
    public const int Longest = 20;

    /// <summary>The same where every F of a chunk is stored.</summary>
    public const int LongestStored = 4;

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
}
