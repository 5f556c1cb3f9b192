using System.Diagnostics;
using System.Globalization;

namespace Plastic.Host;

/// <summary>How fast a run goes; validations count as part of the steps between them.</summary>
internal sealed class Pace(int updates)
{
    private readonly Stopwatch clock = Stopwatch.StartNew();

    /// <summary>"83 steps/s, 1:12 left" after so many updates.</summary>
    public string After(int done)
    {
        var seconds = clock.Elapsed.TotalSeconds;
        if (done == 0 || seconds <= 0) return "";
        var left = TimeSpan.FromSeconds((updates - done) * seconds / done);
        return string.Create(CultureInfo.InvariantCulture, $"{done / seconds:F1} steps/s, {Sweep.Clock(left)} left");
    }
}
