using System.Globalization;

namespace Plastic.Host;

/// <summary>Losses as text: four decimals, or three significant digits if that would leave fewer.</summary>
internal static class LossText
{
    public static string Of(double loss) => loss.ToString(Format(loss), CultureInfo.InvariantCulture);

    /// <summary>A loss with its error, both to the same decimals.</summary>
    public static string Of(double loss, double error) =>
        $"{Of(loss)} ± {error.ToString(Format(loss), CultureInfo.InvariantCulture)}";

    private static string Format(double loss) => Math.Abs(loss) is > 0 and < 0.01 ? "G3" : "F4";
}
