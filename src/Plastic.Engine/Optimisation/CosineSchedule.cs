namespace Plastic.Engine;

/// <summary>
/// Cosine annealing in closed form, as torch.optim.lr_scheduler.CosineAnnealingLR:
/// η(k) = minimum + (initial − minimum)·(1 + cos(π·k / period)) / 2 (Loshchilov and Hutter 2017, without restarts).
/// </summary>
/// <param name="Initial">η(0).</param>
/// <param name="Minimum">η(period). After that the rate rises again: η has period 2·<paramref name="Period"/>.</param>
/// <param name="Period">The number of ticks from the initial rate to the minimum (T_max); at least 1.</param>
public readonly record struct CosineSchedule(double Initial, double Minimum, int Period)
{
    /// <summary>The rate after a number of ticks.</summary>
    /// <param name="tick">Ticks so far, ≥ 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative tick, or a period below 1.</exception>
    public double At(long tick)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tick);
        ArgumentOutOfRangeException.ThrowIfLessThan(Period, 1);
        // CosPi is implemented by the runtime; Math.Cos uses the platform's library, which may give different bits elsewhere.
        var cosine = double.CosPi((double)(tick % (2L * Period)) / Period);
        return Minimum + (Initial - Minimum) * (1 + cosine) / 2;
    }
}
