namespace Plastic.Host;

/// <summary>A table of texts for a terminal, one line a row.</summary>
internal static class Columns
{
    private const string Gap = "  ";

    /// <summary>
    /// The lines of a table whose columns are as wide as their widest text. Where the lines would be wider than the terminal, the columns
    /// of the last rank are left out, then those of the rank before; what is still too long is cut, and ends with an ellipsis.
    /// </summary>
    /// <param name="rows">The texts of all rows, the header first.</param>
    /// <param name="ranks">For each column how soon it is left out: 0 for never, then the highest rank first.</param>
    /// <param name="areNumbers">For each column whether it is aligned at the right.</param>
    /// <param name="most">The width of the terminal; null for no limit.</param>
    public static IEnumerable<string> Lines(
        IReadOnlyList<string[]> rows, IReadOnlyList<int> ranks, IReadOnlyList<bool> areNumbers, int? most)
    {
        var widths = Enumerable.Range(0, ranks.Count).Select(k => rows.Max(row => row[k].Length)).ToArray();
        var kept = Enumerable.Range(0, ranks.Count).Where(k => rows.Skip(1).Any(row => row[k].Length > 0) || rows.Count == 1).ToList();
        int Width() => kept.Sum(k => widths[k] + Gap.Length) - Gap.Length;
        while (most is { } limit && Width() > limit && kept.Max(k => ranks[k]) is > 0 and var last) kept.RemoveAll(k => ranks[k] == last);
        foreach (var row in rows)
        {
            var line = string.Join(Gap, kept.Select(k => areNumbers[k] ? row[k].PadLeft(widths[k]) : row[k].PadRight(widths[k]))).TrimEnd();
            yield return most is { } limit && line.Length > limit ? line[..Math.Max(0, limit - 1)] + "…" : line;
        }
    }
}
