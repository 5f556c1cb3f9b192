namespace Plastic.Engine;

/// <summary>A run of elements of one array of a list; work over a list of arrays is shared out in these.</summary>
internal readonly record struct ArrayRange(int Array, int Start, int Length)
{
    // Of the order of what AdamW's five streams may keep in a core's cache.
    private const int Longest = 4096;

    /// <summary>Cuts arrays into ranges, in order. The cut depends on the lengths only, never on the threads.</summary>
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

    /// <summary>Throws unless both lists hold arrays of the same lengths.</summary>
    /// <exception cref="ArgumentException">They do not; the message names the operation and both shapes.</exception>
    public static void RequireSameShape<T>(string operation, T[][] expected, T[][] came)
    {
        if (expected.Length != came.Length)
        {
            throw new ArgumentException($"{operation}: expected {expected.Length} arrays, came {came.Length}.");
        }

        for (var a = 0; a < expected.Length; a++)
        {
            if (expected[a].Length != came[a].Length)
            {
                throw new ArgumentException(
                    $"{operation}: array {a}: expected {expected[a].Length} elements, came {came[a].Length}.");
            }
        }
    }
}
