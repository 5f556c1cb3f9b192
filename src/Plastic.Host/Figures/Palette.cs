namespace Plastic.Host;

/// <summary>How a curve is drawn.</summary>
/// <param name="Number">Its line's colour among those of the palette.</param>
/// <param name="Dash">Lengths of dash and gap in turn, in line widths; empty for a solid line.</param>
/// <param name="Mark">The number of curves with the same dash before it, each of which has a mark of another form.</param>
internal sealed record CurveStyle(int Number, IReadOnlyList<float> Dash, int Mark)
{
    /// <summary>That colour on white, #rrggbb.</summary>
    public string Colour => Palette.Colours[Number];
}

/// <summary>
/// Colours, dashes and marks, given out in the curves' order. The colours are far apart for readers with normal sight, protanopia,
/// deuteranopia and tritanopia, and dark enough on white for a thin line; dash and mark tell the curves apart without them.
/// </summary>
internal static class Palette
{
    /// <summary>The line colours; any number of the first are as far apart as that many can be.</summary>
    public static readonly IReadOnlyList<string> Colours =
        ["#1f7fe0", "#b67c0d", "#8a2a12", "#3f1f8f", "#7e5690", "#101418"];

    /// <summary>The same colours for a dark page: those that replace them, in order.</summary>
    public static readonly IReadOnlyList<string> DarkColours =
        ["#6cc6fd", "#ffb22a", "#cb3e18", "#6364cf", "#aa829b", "#e5faea"];

    private static readonly float[][] Dashes = [[], [4, 2], [1.2f, 1.8f], [6, 2, 1.2f, 2], [9, 3]];

    /// <summary>
    /// One style per curve, all different for up to thirty, also without their colours. Curves of one group share a colour where
    /// there are several groups and enough colours. The dashes are all different where there are enough of them; otherwise those of
    /// a group are, where that is possible.
    /// </summary>
    /// <param name="groups">The group of each curve, in the curves' order.</param>
    public static IReadOnlyList<CurveStyle> Styles(IReadOnlyList<string> groups)
    {
        var order = groups.Distinct().ToList();
        var hasGroups = order.Count > 1 && order.Count <= Colours.Count;
        var dashes = new int[groups.Count];
        CurveStyle Style(int k)
        {
            var colour = hasGroups ? order.IndexOf(groups[k]) : k % Colours.Count;
            var place = groups.Count <= Dashes.Length || !hasGroups ? k : groups.Take(k).Count(group => group == groups[k]);
            dashes[k] = place % Dashes.Length;
            return new CurveStyle(colour, Dashes[dashes[k]], dashes.Take(k).Count(dash => dash == dashes[k]));
        }
        return [.. Enumerable.Range(0, groups.Count).Select(Style)];
    }
}
