namespace Plastic.Host;

/// <summary>
/// How far an executor may differ from a golden case. Errors are relative to the largest magnitude of the golden tensor, or
/// absolute if that is zero.
/// </summary>
/// <param name="Values">What one batch gives.</param>
/// <param name="Trajectory">Losses and gradient norms over consecutive optimiser steps, where rounding errors accumulate.</param>
internal sealed record Tolerance(double Values, double Trajectory)
{
    /// <summary>float64: the reference.</summary>
    public static readonly Tolerance Float64 = new(Values: 1e-9, Trajectory: 1e-9);

    /// <summary>float64, where the file's numbers are rounded to nine digits.</summary>
    public static readonly Tolerance NineDigits = new(Values: 1e-7, Trajectory: 1e-7);

    /// <summary>float32: the engine.</summary>
    public static readonly Tolerance Float32 = new(Values: 2e-4, Trajectory: 1e-3);

    /// <summary>float32 on a device, which adds up fewer numbers at once.</summary>
    public static readonly Tolerance Device = new(Values: 1e-5, Trajectory: 1e-3);

    /// <summary>The error of a tensor; NaN if one of its elements is NaN.</summary>
    public static double Error(ReadOnlySpan<double> actual, ReadOnlySpan<double> golden)
    {
        if (actual.Length != golden.Length)
        {
            throw new ArgumentException($"{actual.Length} numbers cannot be compared with {golden.Length}", nameof(actual));
        }
        double error = 0, largest = 0;
        for (var i = 0; i < golden.Length; i++)
        {
            error = Math.Max(error, Math.Abs(actual[i] - golden[i]));
            largest = Math.Max(largest, Math.Abs(golden[i]));
        }
        return largest == 0 ? error : error / largest;
    }
}
