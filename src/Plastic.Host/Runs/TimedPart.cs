namespace Plastic.Host;

/// <summary>
/// The parts of timing.jsonl: the clock of a part that was resumed starts at 0 again, and no line says to which part it belongs.
/// </summary>
internal static class TimedPart
{
    /// <summary>Where a part begins: its lines go on in steps and in time, and none is of a step before its first.</summary>
    /// <param name="lines">The lines of the file.</param>
    /// <param name="end">How many of them are of this part and the earlier ones.</param>
    /// <param name="step">The step from which the part was trained: that of its line in resumed.jsonl, or 0.</param>
    /// <returns>The place of its first line; <paramref name="end"/> where it has none.</returns>
    public static int Begin(IReadOnlyList<Timing> lines, int end, int step)
    {
        var first = end;
        while (first > 0 && lines[first - 1].Step >= step && (first == end || IsBefore(lines[first - 1], lines[first]))) first--;
        return first;
    }

    private static bool IsBefore(Timing one, Timing next) => one.Step < next.Step && one.Seconds <= next.Seconds;
}
