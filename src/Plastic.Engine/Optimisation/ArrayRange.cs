namespace Plastic.Engine;

/// <summary>A range of elements of one array in a list of arrays: the unit in which work over the list is distributed.</summary>
internal readonly record struct ArrayRange(int Array, int Start, int Length)
{
    // About what AdamW's five streams can keep in a core's cache.
    private const int Longest = 4096;

    /// <summary>Cuts arrays into ranges, in order. The ranges depend only on the lengths, never on the threads.</summary>
    public static ArrayRange[] Cut<T>(T[][] arrays)
    {
        var ranges = new List<ArrayRange>();
        for (var a = 0; a < arrays.Length; a++)
        {
            for (var start = 0; start < arrays[a].Length; start += Longest)
            {
                ranges.Add(new ArrayRange(a, start, Math.Min(Longest, arrays[a].Length - start)));
            }
        }

        return [.. ranges];
    }

    /// <summary>Throws unless both lists hold arrays of equal lengths.</summary>
    /// <exception cref="ArgumentException">The lengths differ; the message names the operation and both shapes.</exception>
    public static void RequireSameShape<T>(string operation, T[][] expected, T[][] got)
    {
        if (expected.Length != got.Length)
        {
            throw new ArgumentException($"{operation}: expected {expected.Length} arrays, got {got.Length}.");
        }

        for (var a = 0; a < expected.Length; a++)
        {
            if (expected[a].Length != got[a].Length)
            {
                throw new ArgumentException(
                    $"{operation}: array {a}: expected {expected[a].Length} elements, got {got[a].Length}.");
            }
        }
    }
}
