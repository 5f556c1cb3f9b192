namespace Plastic.Host;

/// <summary>Fewer points of long curves: a page cannot show more than it has pixels.</summary>
internal static class Thinning
{
    /// <summary>At most so many, evenly spaced; the last one always.</summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> points, int most)
    {
        if (points.Count <= most) return points;
        var apart = (points.Count - 1) / (most - 1.0);
        return [.. Enumerable.Range(0, most).Select(k => points[(int)Math.Round(k * apart)])];
    }
}
