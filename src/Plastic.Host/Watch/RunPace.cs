namespace Plastic.Host;

/// <summary>How fast a run trains: from timing.jsonl, in which a part that was resumed begins at 0 again.</summary>
internal sealed class RunPace
{
    private static readonly NumberLine Line = new("step", "seconds"), Resumption = new("step");

    private readonly List<Timing> lines = [];
    private int start;

    /// <summary>Forgets the times.</summary>
    public void Clear() => lines.Clear();

    /// <summary>Forgets that it was resumed.</summary>
    public void ClearResumed() => start = 0;

    /// <summary>Adds a line of timing.jsonl; one that is no line of times is left out.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        Span<double> found = stackalloc double[2];
        if (Line.TryRead(line, found) && found[0] is >= 0 and <= int.MaxValue && found[1] >= 0) lines.Add(new Timing((int)found[0], found[1]));
    }

    /// <summary>Adds a line of resumed.jsonl.</summary>
    public void AddResumed(ReadOnlySpan<byte> line)
    {
        Span<double> found = stackalloc double[1];
        if (Resumption.TryRead(line, found) && found[0] is >= 0 and <= int.MaxValue) start = (int)found[0];
    }

    /// <summary>The time from one step to another, as fast as since the start or the last resumption; null while it is not known.</summary>
    public TimeSpan? Between(int from, int to)
    {
        var first = TimedPart.Begin(lines, lines.Count, start);
        if (lines.Count - first < 2 || to < from) return null;
        var ((step, seconds), (later, until)) = (lines[first], lines[^1]);
        var left = (to - from) * (until - seconds) / (later - step);
        return left > 0 && left < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(left) : null;
    }
}
