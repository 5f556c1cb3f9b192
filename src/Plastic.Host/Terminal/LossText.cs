using System.Globalization;

namespace Plastic.Host;

/// <summary>Losses as text: four decimals, or three significant digits if that would leave fewer.</summary>
internal static class LossText
{
    public static string Of(double loss) => loss.ToString(Format(loss), CultureInfo.InvariantCulture);

    /// <summary>A loss with its error, if it has one, both to the same decimals.</summary>
    public static string Of(double loss, double? error) => error is { } known
        ? $"{Of(loss)} ± {known.ToString(Format(loss), CultureInfo.InvariantCulture)}"
        : Of(loss);

    private static string Format(double loss) => Math.Abs(loss) is > 0 and < 0.01 ? "G3" : "F4";
}
