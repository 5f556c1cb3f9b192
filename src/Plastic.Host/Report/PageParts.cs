using System.Globalization;
using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>The parts of a report's page as its scripts read them.</summary>
internal static class PageParts
{
    public static JsonObject Of(string title, Chart chart)
    {
        var styles = Palette.Styles([.. chart.Curves.Select(curve => curve.Group)]);
        return new JsonObject
        {
            ["title"] = title,
            ["xLabel"] = chart.XLabel,
            ["yLabel"] = chart.YLabel,
            ["note"] = chart.Note,
            ["caption"] = chart.Caption,
            ["isWhole"] = chart.Curves.SelectMany(curve => curve.Points).All(point => double.IsInteger(point.X)),
            ["xRange"] = Range(Axis.X(chart)),
            ["yRange"] = Range(Axis.Y(chart)),
            ["levels"] = new JsonArray([.. chart.Levels.Select(level => new JsonObject { ["name"] = level.Name, ["at"] = level.At })]),
            ["hasMarks"] = chart.HasMarks,
            ["curves"] = new JsonArray([.. chart.Curves.Zip(styles, (curve, style) => new JsonObject
            {
                ["label"] = chart.NameOf(curve),
                ["colour"] = PageStyle.Curve(style.Number),
                ["dash"] = new JsonArray([.. style.Dash.Select(length => (JsonNode)length)]),
                ["mark"] = style.Mark,
                ["hasBand"] = curve.Points.Any(point => point.Band is not null),
                ["x"] = Numbers(curve.Points.Select(point => point.X)),
                ["y"] = Numbers(curve.Points.Select(point => point.Value)),
                ["low"] = Numbers(curve.Points.Select(point => point.Low)),
                ["high"] = Numbers(curve.Points.Select(point => point.High)),
            })]),
        };
    }

    /// <param name="title">Above the table.</param>
    /// <param name="rows">The texts of all rows, the header first.</param>
    /// <param name="firstNumber">The number of columns before those of numbers.</param>
    /// <param name="note">Below the table.</param>
    public static JsonObject Of(string title, IEnumerable<string[]> rows, int firstNumber, string note) => new()
    {
        ["title"] = title,
        ["rows"] = new JsonArray([.. rows.Select(row => new JsonArray([.. row.Select(cell => (JsonNode)cell)]))]),
        ["firstNumber"] = firstNumber,
        ["note"] = note,
    };

    public static JsonObject Of(string title, FastWeightHistory history) => new()
    {
        ["title"] = title,
        ["rows"] = history.Rows,
        ["columns"] = history.Columns,
        ["largest"] = Short(history.Largest),
        ["at"] = new JsonArray([.. history.At.Select(step => (JsonNode)step)]),
        ["steps"] = new JsonArray([.. history.Encoded().Select(text => (JsonNode)text)]),
    };

    private static JsonArray Range(Axis axis) => new(axis.Low, axis.High);

    private static JsonArray Numbers(IEnumerable<double> values) => new([.. values.Select(value => (JsonNode)Short(value))]);

    /// <summary>Five digits are enough to look at.</summary>
    public static double Short(double value) =>
        double.Parse(value.ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
