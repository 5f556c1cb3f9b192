using System.Text.Json;

namespace Plastic.Host;

/// <summary>How fast a run trains: from timing.jsonl, in which a part that was resumed begins at 0 again.</summary>
internal sealed class RunPace
{
    private (int Step, double Seconds)? first, last;

    /// <summary>Seconds from the start of the run, or from where it was last resumed, to its last validation; null before the first.</summary>
    public double? Seconds => last?.Seconds;

    /// <summary>Forgets everything.</summary>
    public void Clear() => first = last = null;

    /// <summary>Adds a line; one that is no line of times is left out.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        try
        {
            if (JsonSerializer.Deserialize<Timing>(line, JsonText.Lines) is not { } timing) return;
            if (last is not var (step, seconds) || timing.Step <= step || timing.Seconds < seconds) first = (timing.Step, timing.Seconds);
            last = (timing.Step, timing.Seconds);
        }
        catch (JsonException)
        {
            // As if it were not there.
        }
    }

    /// <summary>The time from one step to another; null while it is not known.</summary>
    public TimeSpan? Between(int from, int to) =>
        (first, last) is (var (step, seconds), var (later, until)) && later > step && until > seconds && to >= from
            ? TimeSpan.FromSeconds((to - from) * (until - seconds) / (later - step))
            : null;
}
