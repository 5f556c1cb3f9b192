using System.Globalization;

namespace Plastic.Host;

/// <summary>Losses for people: four decimals, or three digits where that would leave fewer.</summary>
internal static class LossText
{
    public static string Of(double loss) =>
        loss.ToString(Math.Abs(loss) is > 0 and < 0.01 ? "G3" : "F4", CultureInfo.InvariantCulture);
}
