using System.Globalization;

namespace Plastic.Host;

/// <summary>Durations as text: "1:02:03", or "2:03" below an hour.</summary>
internal static class DurationText
{
    public static string Of(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}")
        : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);
}
