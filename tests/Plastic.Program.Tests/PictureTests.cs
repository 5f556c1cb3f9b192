using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Charts drawn as svg, pdf and png, and the positions of their parts.</summary>
public sealed class PictureTests
{
    [Fact]
    public void An_svg_holds_its_texts_as_texts()
    {
        var chart = Chart([("it's `rm` <b>& \\ \"x\"", 0.5), ("η ± 1.96·λ", 0.1)], chance: 0.45, floor: 0.05);
        var texts = Texts(chart).Select(text => text.Words).ToArray();
        foreach (var words in new[]
        {
            "it's `rm` <b>& \\ \"x\"", "η ± 1.96·λ", "chance 0.45", "floor 0.05", "training step", "validation loss (mean squared error)",
            "mean ± 1.96 SEM, n = 4", "1,000", "0.2",
        })
        {
            Assert.Contains(words, texts);
        }
    }

    [Fact]
    public void A_text_without_its_font_keeps_its_length()
    {
        var svg = Svg(Chart([("gradient", 0.5)]));
        Assert.All(svg.Descendants(Space + "text"), text =>
        {
            Assert.EndsWith("sans-serif", text.Attribute("font-family")!.Value);
            Assert.True(Number(text, "textLength") > 0);
            Assert.DoesNotContain(",", text.Attribute("x")!.Value);
        });
    }

    [Fact]
    public void A_png_has_600_pixels_to_the_inch_and_a_pdf_is_three_and_a_half_inches_wide()
    {
        var chart = Chart([("gradient", 0.5)]);
        using var png = new MemoryStream();
        FigureFiles.Png(ChartDrawing.Of(chart), png);
        var header = png.ToArray().AsSpan(0, 24);
        Assert.Equal("PNG", Encoding.ASCII.GetString(header[1..4]));
        Assert.Equal(2100, BinaryPrimitives.ReadInt32BigEndian(header[16..]));
        Assert.Equal(1400, BinaryPrimitives.ReadInt32BigEndian(header[20..]));

        using var pdf = new MemoryStream();
        FigureFiles.Pdf(ChartDrawing.Of(chart), pdf);
        var text = Encoding.Latin1.GetString(pdf.ToArray());
        Assert.StartsWith("%PDF-", text);
        Assert.EndsWith("%%EOF", text.TrimEnd());
        Assert.Contains("/MediaBox [0 0 252 168]", text);
        Assert.Contains("Arimo", text);
    }

    [Fact]
    public void A_band_is_drawn_where_there_is_one()
    {
        int Bands(Chart chart) => Svg(chart).Descendants(Space + "path").Count(path => path.Attribute("fill-opacity") is not null);
        var chart = Chart([("gradient", 0.5), ("hebbian", 0.1)]);
        Assert.Equal(2, Bands(chart));
        var bare = chart with
        {
            Curves = [.. chart.Curves.Select(curve => curve with { Points = [.. curve.Points.Select(point => point with { Band = null })] })],
        };
        Assert.Equal(0, Bands(bare));
    }

    [Fact]
    public void Lines_that_end_apart_are_named_at_their_ends_and_others_in_a_legend()
    {
        var apart = new ChartLayout(Chart([("gradient", 0.5), ("hebbian", 0.1)], chance: 0.9));
        Assert.Empty(apart.Legend);
        Assert.Equal(["chance 0.9", "gradient", "hebbian"], apart.EndLabels.Select(label => label.Text));

        var together = new ChartLayout(Chart([("gradient", 0.5), ("hebbian", 0.501)], chance: 0.9));
        Assert.Equal(["gradient", "hebbian"], together.Legend.Select(entry => entry.Text));
        Assert.Equal(["chance 0.9"], together.EndLabels.Select(label => label.Text));

        var chart = Chart([("gradient", 0.5), ("hebbian", 0.1)]);
        var unfinished = chart with { Curves = [chart.Curves[0], chart.Curves[1] with { Points = [.. chart.Curves[1].Points.SkipLast(1)] }] };
        Assert.Equal(2, new ChartLayout(unfinished).Legend.Count);
    }

    [Fact]
    public void A_chance_level_far_above_the_curves_is_named_at_the_edge()
    {
        // Twice as high as all curves after their start is still drawn.
        Assert.Contains("chance 1.9", new ChartLayout(Chart([("gradient", 0.5)], chance: 1.9)).EndLabels.Select(label => label.Text));
        var far = new ChartLayout(Chart([("gradient", 0.5)], chance: 20));
        Assert.Equal(["chance 20 (above)", "gradient"], far.EndLabels.Select(label => label.Text));
        Assert.True(far.Y.High < 2);
    }

    [Fact]
    public void Widths_of_networks_are_named_once_or_with_each_curve()
    {
        var chart = Chart([("gradient", 0.5), ("none", 0.1)]);
        Chart Wide(int first, int second) => (chart with
        {
            Curves = [chart.Curves[0] with { Units = first }, chart.Curves[1] with { Units = second }],
        }).WithSeeds();
        Assert.Equal("128 units, mean ± 1.96 SEM, n = 4", Wide(128, 128).Note);
        Assert.DoesNotContain(Texts(Wide(128, 128)), text => text.Words.StartsWith("gradient,"));
        Assert.Contains("none, 192 units", Texts(Wide(128, 192)).Select(text => text.Words));
        Assert.Contains("gradient, 128 units", Texts(Wide(128, 192)).Select(text => text.Words));
    }

    [Fact]
    public void No_text_overlaps_another_or_leaves_the_figure()
    {
        var (legends, ends) = (0, 0);
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var names = new[] { "none", "gradient", "neuromodulated", "cell RNN, rule hebbian", "extra 12" };
            var chart = Chart(
                [.. Enumerable.Range(0, random.Next(1, 8)).Select(k => ($"{names[random.Next(names.Length)]} {k}", Math.Pow(10, random.Next(-6, 4)) * random.NextDouble()))],
                chance: random.Next(2) == 0 ? random.NextDouble() : null, floor: random.Next(2) == 0 ? 0.1 * random.NextDouble() : null);
            var layout = new ChartLayout(chart);
            if (layout.Legend.Count > 0) legends++;
            else ends++;
            var boxes = Texts(chart);
            for (var k = 0; k < boxes.Length; k++)
            {
                var box = boxes[k];
                Assert.True(
                    box.Left >= 0 && box.Right <= ChartLayout.Width && box.Top >= 0 && box.Bottom <= ChartLayout.Height,
                    $"seed {seed}: {box} is not inside the figure");
                foreach (var other in boxes[..k])
                {
                    Assert.False(
                        box.Left < other.Right && other.Left < box.Right && box.Top < other.Bottom && other.Top < box.Bottom,
                        $"seed {seed}: {box} lies upon {other}");
                }
            }
            Assert.True(layout.Area.Width > 0.4 * ChartLayout.Width && layout.Area.Height > 0.3 * ChartLayout.Height, $"seed {seed}: {layout.Area}");
        }
        Assert.True(legends > 20 && ends > 20, $"{legends} legends, {ends} figures with names at the ends");
    }

    [Fact]
    public void Labels_move_apart_as_little_as_possible()
    {
        Assert.Equal([10, 30], ChartLayout.Apart([10, 30], 8));
        Assert.Equal([7, 15, 40], ChartLayout.Apart([10, 12, 40], 8));
        Assert.Equal([2, 10, 18], ChartLayout.Apart([10, 10, 10], 8));
    }

    private static readonly XNamespace Space = "http://www.w3.org/2000/svg";

    /// <summary>Curves that fall from 1 to the given ends over 1,000 steps, each with a band.</summary>
    internal static Chart Chart(IReadOnlyList<(string Label, double End)> curves, double? chance = null, double? floor = null) =>
        new Chart(
            "step", "validation_loss", "training step", "validation loss (mean squared error)",
            [.. curves.Select(curve => new ChartCurve(curve.Label, curve.Label,
                [.. Enumerable.Range(0, 6).Select(k => ChartPoint.Around(200 * k, 1 + (curve.End - 1) * k / 5, 0.01, 4))]))], HasMarks: false)
        {
            Chance = chance,
            Floor = floor,
        }.WithSeeds();

    private sealed record TextBox(string Words, double Left, double Right, double Top, double Bottom);

    private static XElement Svg(Chart chart)
    {
        using var file = new MemoryStream();
        FigureFiles.Svg(ChartDrawing.Of(chart), file);
        return XElement.Parse(Encoding.UTF8.GetString(file.ToArray()));
    }

    /// <summary>The texts of the svg; a box reaches from the baseline to the height of capitals.</summary>
    private static TextBox[] Texts(Chart chart) => [.. Svg(chart).Descendants(Space + "text").Select(text => new TextBox(
        text.Value, Number(text, "x"), Number(text, "x") + Number(text, "textLength"),
        Number(text, "y") - 0.72 * Number(text, "font-size"), Number(text, "y")))];

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
