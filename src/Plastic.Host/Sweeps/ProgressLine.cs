using System.Globalization;

namespace Plastic.Host;

/// <summary>How far a run is, as one line of any width.</summary>
/// <param name="Name">What the run is called.</param>
/// <param name="Done">Steps done.</param>
/// <param name="Steps">All steps, at least 1.</param>
/// <param name="Loss">The last training loss.</param>
/// <param name="Validation">The last validation loss.</param>
/// <param name="Speed">"83.1 steps/s", or empty.</param>
/// <param name="Left">"1:12 left", or empty.</param>
internal sealed record ProgressLine(string Name, int Done, int Steps, double? Loss, double? Validation, string Speed, string Left)
{
    private const int Bar = 12;

    /// <summary>
    /// The name, then as much else as there is room for: first the share that is done, the time left and the validation loss, last
    /// the speed.
    /// </summary>
    /// <param name="width">Letters in a line.</param>
    public string Text(int width)
    {
        // In the order of the line, each with its rank: the lowest is needed most.
        (int Rank, string Text)[] parts =
        [
            (3, BarOf(Done, Steps)),
            (0, string.Create(CultureInfo.InvariantCulture, $"{100L * Done / Steps,3}%")),
            (5, string.Create(CultureInfo.InvariantCulture, $"step {Done}/{Steps}")),
            (4, Loss is { } loss ? $"loss {LossText.Of(loss)}" : ""),
            (2, Validation is { } validation ? $"validation {LossText.Of(validation)}" : ""),
            (6, Speed),
            (1, Left),
        ];
        // A name is never cut further than this, whatever else there is to say.
        var room = width - Math.Min(Name.Length, Math.Clamp(width / 3, 16, 40));
        var kept = new HashSet<int>();
        foreach (var (rank, text) in parts.OrderBy(part => part.Rank))
        {
            if (text.Length == 0) continue;
            if (text.Length + 2 > room) break;
            kept.Add(rank);
            room -= text.Length + 2;
        }
        var rest = string.Concat(parts.Where(part => kept.Contains(part.Rank)).Select(part => $"  {part.Text}"));
        return Shortened(Name, width - rest.Length) + rest;
    }

    /// <summary>Without its middle where it is too long: names begin with what they share, and end with the seed.</summary>
    private static string Shortened(string name, int width)
    {
        if (name.Length <= width) return name;
        if (width <= 1) return "…"[..Math.Max(0, width)];
        var end = (width - 1) * 2 / 3;
        return $"{name[..(width - 1 - end)]}…{name[^end..]}";
    }

    private static string BarOf(int done, int steps)
    {
        var full = (int)((long)Bar * done / steps);
        return new string('━', full) + new string('─', Bar - full);
    }
}
