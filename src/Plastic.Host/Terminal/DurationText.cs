using System.Globalization;

namespace Plastic.Host;

/// <summary>Durations as text: "2:03" below an hour, "1:02:03" below four days, then "12 days".</summary>
internal static class DurationText
{
    public static string Of(TimeSpan time) => time.TotalDays >= 4
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:F0} days")
        : time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}")
        : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);
}
