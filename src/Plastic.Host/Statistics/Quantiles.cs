using Plastic.Claims;

namespace Plastic.Host;

/// <summary>Median and quartiles, by linear interpolation between the sorted values.</summary>
internal readonly record struct Quantiles(double Low, double Median, double High)
{
    /// <param name="values">At least one value.</param>
    public static Quantiles Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new Quantiles(Bootstrap.quantile(sorted, 0.25), Bootstrap.quantile(sorted, 0.5), Bootstrap.quantile(sorted, 0.75));
    }
}
