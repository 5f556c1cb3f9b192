namespace Plastic.Engine;

/// <summary>
/// The rows of a block, from the first or from the last. Swept to and fro, pass after pass, matrices that together outgrow
/// a cache are found in it in part; swept one way they never are.
/// </summary>
internal readonly record struct Sweep(int Rows, bool IsUpward)
{
    /// <summary>Where to begin, where to end and how to go on, some rows at a time.</summary>
    public (int First, int End, int On) By(int rows) => IsUpward ? (Rows - rows, -rows, -rows) : (0, Rows, rows);
}
