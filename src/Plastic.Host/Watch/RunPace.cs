namespace Plastic.Host;

/// <summary>How fast a run trains: from timing.jsonl, in which a part that was resumed begins at 0 again.</summary>
internal sealed class RunPace
{
    private static readonly NumberLine Line = new("step", "seconds");

    private (int Step, double Seconds)? first, last;

    /// <summary>Seconds from the start of the run, or from where it was last resumed, to its last validation; null before the first.</summary>
    public double? Seconds => last?.Seconds;

    /// <summary>Forgets everything.</summary>
    public void Clear() => first = last = null;

    /// <summary>Adds a line; one that is no line of times is left out.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        Span<double> found = stackalloc double[2];
        if (!Line.TryRead(line, found) || !(found[0] is >= 0 and <= int.MaxValue && found[1] >= 0)) return;
        var (step, seconds) = ((int)found[0], found[1]);
        if (last is not var (before, until) || step <= before || seconds < until) first = (step, seconds);
        last = (step, seconds);
    }

    /// <summary>The time from one step to another; null while it is not known.</summary>
    public TimeSpan? Between(int from, int to) =>
        (first, last) is (var (step, seconds), var (later, until)) && later > step && until > seconds && to >= from
            ? TimeSpan.FromSeconds((to - from) * (until - seconds) / (later - step))
            : null;
}
