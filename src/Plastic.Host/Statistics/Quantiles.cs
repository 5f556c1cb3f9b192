namespace Plastic.Host;

/// <summary>Median and quartiles, by linear interpolation between the sorted values.</summary>
internal readonly record struct Quantiles(double Low, double Median, double High)
{
    /// <param name="values">At least one value.</param>
    public static Quantiles Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        double At(double share)
        {
            var place = share * (sorted.Length - 1);
            var below = (int)place;
            return below + 1 < sorted.Length
                ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below])
                : sorted[below];
        }
        return new Quantiles(At(0.25), At(0.5), At(0.75));
    }
}
