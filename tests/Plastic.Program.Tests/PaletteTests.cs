using System.Globalization;
using System.Text.RegularExpressions;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The colours of figures, for readers with normal sight and with each kind of colour-blindness, on white paper.</summary>
public sealed class PaletteTests
{
    // Machado, Oliveira and Fernandes 2009, table 1, severity 1: what a reader sees of linear RGB.
    private static readonly Dictionary<string, double[][]> Sights = new()
    {
        ["normal"] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        ["protanopia"] = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        ["deuteranopia"] = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        ["tritanopia"] = [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    };

    [Theory]
    [InlineData("normal")]
    [InlineData("protanopia")]
    [InlineData("deuteranopia")]
    [InlineData("tritanopia")]
    public void Colours_can_be_distinguished(string sight)
    {
        foreach (var colours in new[] { Palette.Colours, Palette.DarkColours })
        {
            // In OKLab, where black and white are 1 apart and 0.02 can just be seen.
            var seen = colours.Select(colour => Oklab(Seen(Linear(colour), Sights[sight]))).ToArray();
            for (var k = 1; k < seen.Length; k++)
            {
                for (var j = 0; j < k; j++)
                {
                    var distance = Math.Sqrt(seen[k].Zip(seen[j], (a, b) => (a - b) * (a - b)).Sum());
                    Assert.True(distance > (k < 4 ? 0.2 : 0.12), $"{colours[j]} and {colours[k]}: {distance:F3}");
                }
            }
        }
    }

    [Fact]
    public void Lines_stand_out_from_their_background()
    {
        // WCAG 2.2, 1.4.11: graphical objects need a contrast of 3. Dark pages have the background that their style names.
        var dark = Regex.Match(Resource.Text("Report.style.css"), @"prefers-color-scheme: dark.*?--back: (#[0-9a-f]{6});", RegexOptions.Singleline).Groups[1].Value;
        Assert.All(Palette.Colours, colour => Assert.True(Contrast(colour, "#ffffff") > 3.5, colour));
        Assert.All(Palette.DarkColours, colour => Assert.True(Contrast(colour, dark) > 3.5, colour));
        Assert.Equal(Palette.Colours.Count, Palette.DarkColours.Count);
    }

    private static double Contrast(string colour, string other)
    {
        double[] light = [.. new[] { Luminance(colour), Luminance(other) }.Order()];
        return (light[1] + 0.05) / (light[0] + 0.05);
    }

    private static double Luminance(string colour)
    {
        var linear = Linear(colour);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    }

    [Fact]
    public void Groups_have_colours_in_order()
    {
        var pairs = Palette.Styles(["hebbian", "gradient", "hebbian", "gradient"]);
        Assert.Equal([Palette.Colours[0], Palette.Colours[1], Palette.Colours[0], Palette.Colours[1]], pairs.Select(style => style.Colour));
        var alone = Palette.Styles(["hebbian", "hebbian", "hebbian"]);
        Assert.Equal(Palette.Colours.Take(3), alone.Select(style => style.Colour));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(12)]
    public void Curves_differ_without_their_colours(int groups)
    {
        for (var count = 1; count <= 30; count++)
        {
            var styles = Palette.Styles([.. Enumerable.Range(0, count).Select(k => $"{k % groups}")]);
            Assert.Equal(count, styles.Select(style => (string.Join(' ', style.Dash), style.Mark)).Distinct().Count());
            // Few curves need no marks, and no form of mark is needed that there is not.
            Assert.All(styles, style => Assert.InRange(style.Mark, 0, count <= 5 ? 0 : 5 * groups));
        }
    }

    private static double[] Linear(string colour) =>
    [
        .. new[] { 1, 3, 5 }.Select(at => int.Parse(colour.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0)
            .Select(part => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4)),
    ];

    private static double[] Seen(double[] linear, double[][] sight) =>
        [.. sight.Select(row => Math.Clamp(row.Zip(linear, (a, b) => a * b).Sum(), 0, 1))];

    // Ottosson 2020, https://bottosson.github.io/posts/oklab/
    private static double[] Oklab(double[] c)
    {
        double Cone(double r, double g, double b) => Math.Cbrt(r * c[0] + g * c[1] + b * c[2]);
        var l = Cone(0.4122214708, 0.5363325363, 0.0514459929);
        var m = Cone(0.2119034982, 0.6806995451, 0.1073969566);
        var s = Cone(0.0883024619, 0.2817188376, 0.6299787005);
        return
        [
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        ];
    }
}
