using Plastic.Engine;

namespace Plastic.Host;

/// <summary>The largest error of one quantity of a golden case.</summary>
/// <param name="Quantity">A column of the report.</param>
/// <param name="Worst">The tensor with that error.</param>
/// <param name="Error">The error.</param>
/// <param name="Limit">How large it may be.</param>
internal sealed record Deviation(Quantity Quantity, string Worst, double Error, double Limit)
{
    /// <summary>False for an error of NaN too.</summary>
    public bool Passed => Error <= Limit;
}

/// <summary>One golden case compared with one executor, quantity by quantity; those that the case does not have are left out.</summary>
internal sealed record Verification(string File, string Executor, IReadOnlyList<Deviation> Deviations)
{
    public bool Passed => Deviations.All(deviation => deviation.Passed);

    /// <summary>The reference, in float64 throughout.</summary>
    public static Verification OfReference(Golden golden) => Of(golden, "float64", golden.Reference(), golden.Rounding);

    /// <summary>The float32 engine.</summary>
    public static Verification OfEngine(Golden golden, int threads) => Of(golden, "float32", golden.Engine(threads), Tolerance.Float32);

    /// <summary>Kernels on a device.</summary>
    public static Verification OfDevice(GoldenNetwork golden, IDevice device) =>
        Of(golden, device.Facts.Name, golden.OnDevice(device), Tolerance.Device);

    /// <summary>What an executor computed, beside what is expected.</summary>
    public static Verification Of(Golden golden, string executor, IEnumerable<Compared> tensors, Tolerance tolerance)
    {
        var worst = new SortedDictionary<Quantity, Deviation>();
        foreach (var (quantity, name, actual, expected) in tensors)
        {
            var limit = quantity == Quantity.Training ? tolerance.Trajectory : tolerance.Values;
            var error = Tolerance.Error(actual, expected);
            // Written so that a NaN takes precedence over any number and is kept.
            if (!worst.TryGetValue(quantity, out var most) || (!(error <= most.Error) && !double.IsNaN(most.Error)))
            {
                worst[quantity] = new Deviation(quantity, name, error, limit);
            }
        }
        return new Verification(golden.File, executor, [.. worst.Values]);
    }
}
