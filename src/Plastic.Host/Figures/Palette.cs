namespace Plastic.Host;

/// <summary>How a curve is drawn.</summary>
/// <param name="Colour">Of its line, #rrggbb.</param>
/// <param name="Dash">Lengths of dash and gap in turn, in line widths; empty for a solid line.</param>
internal sealed record CurveStyle(string Colour, IReadOnlyList<float> Dash);

/// <summary>
/// Colours and dashes, given out in the curves' order. The colours are far apart for readers with normal sight, protanopia,
/// deuteranopia and tritanopia, and dark enough on white for a thin line.
/// </summary>
internal static class Palette
{
    /// <summary>The line colours; any number of the first are as far apart as that many can be.</summary>
    public static readonly IReadOnlyList<string> Colours =
        ["#1f7fe0", "#b67c0d", "#8a2a12", "#3f1f8f", "#7e5690", "#101418"];

    private static readonly float[][] Dashes = [[], [4, 2], [1.2f, 1.8f], [6, 2, 1.2f, 2], [9, 3]];

    /// <summary>
    /// One style per curve, all different for up to thirty. Curves of one group share a colour and differ in their dashes. Where
    /// there is only one group, or too many for that, each curve has the next colour, and the next dash once the colours run out.
    /// </summary>
    /// <param name="groups">The group of each curve, in the curves' order.</param>
    public static IReadOnlyList<CurveStyle> Styles(IReadOnlyList<string> groups)
    {
        var order = groups.Distinct().ToList();
        // How often the colours are gone through, each time with dashes of their own.
        var rounds = (order.Count + Colours.Count - 1) / Colours.Count;
        var hasGroups = order.Count > 1 && order.Max(group => groups.Count(other => other == group)) * rounds <= Dashes.Length;
        CurveStyle Style(int k)
        {
            var colour = hasGroups ? order.IndexOf(groups[k]) : k;
            var round = colour / Colours.Count;
            var dash = hasGroups ? groups.Take(k).Count(group => group == groups[k]) * rounds + round : round;
            return new CurveStyle(Colours[colour % Colours.Count], Dashes[dash % Dashes.Length]);
        }
        return [.. Enumerable.Range(0, groups.Count).Select(Style)];
    }
}
