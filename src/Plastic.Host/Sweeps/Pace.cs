using System.Diagnostics;
using System.Globalization;

namespace Plastic.Host;

/// <summary>How fast a run is since it was started or resumed; validations count as part of the steps between them.</summary>
internal sealed class Pace(int updates)
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private int? first;

    /// <summary>"83.1 steps/s" and "1:12 left" after the given number of updates; empty while there is nothing to go by.</summary>
    public (string Speed, string Left) After(int done)
    {
        var seconds = clock.Elapsed.TotalSeconds;
        // The first call is at the step that the run starts or resumes from.
        first ??= done;
        var made = done - first.Value;
        if (made == 0 || seconds <= 0) return ("", "");
        var left = TimeSpan.FromSeconds((updates - done) * seconds / made);
        return (string.Create(CultureInfo.InvariantCulture, $"{made / seconds:F1} steps/s"), $"{DurationText.Of(left)} left");
    }
}
