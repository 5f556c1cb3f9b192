using System.Globalization;

namespace Plastic.Host;

/// <summary>Rates as text, with three significant digits: "1.23 TFLOP/s", "856 MB/s".</summary>
internal static class RateText
{
    private static readonly string[] Prefixes = ["", "k", "M", "G", "T", "P", "E"];

    /// <param name="perSecond">The rate.</param>
    /// <param name="unit">Of what, such as "B/s".</param>
    public static string Of(double perSecond, string unit)
    {
        var k = 0;
        // What would be rounded to 1000 is one of the next prefix.
        for (; perSecond >= 999.5 && k < Prefixes.Length - 1; k++) perSecond /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{perSecond:G3} {Prefixes[k]}{unit}");
    }
}
