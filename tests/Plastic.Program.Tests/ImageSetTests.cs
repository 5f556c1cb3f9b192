using Plastic.Host;
using Plastic.Tasks;
using SkiaSharp;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>An image set in its folder: what it holds, how damage is noticed, and how it is listed and shown.</summary>
public sealed class ImageSetTests : IDisposable
{
    private const int Side = 8;

    private readonly Session session = new();
    private readonly string folder;

    public ImageSetTests()
    {
        // Class c of part p has c + 1 images of one colour each.
        using var writer = new ImageSetWriter(session.Out, "made", Side, CancellationToken.None);
        foreach (var part in Enum.GetValues<Part>().Reverse())
        {
            for (var label = 0; label < 3; label++)
            {
                var added = writer.AddClass(part, $"{part} {label}");
                for (var n = 0; n <= label; n++) writer.Add(added, Even((byte)(100 * (int)part + 10 * label + n)));
            }
        }
        writer.Finish("a test", ["somebody: no rights reserved"]);
        folder = Path.Combine(session.Out, "made");
    }

    public void Dispose() => session.Dispose();

    [Fact]
    public void Classes_follow_each_other_in_the_order_in_which_they_were_added()
    {
        using var set = ImageSet.Open(folder);
        var image = new byte[set.Facts.ImageBytes];
        var first = 0;
        foreach (var part in Enum.GetValues<Part>())
        {
            var classes = set.Classes(part);
            Assert.Equal((3, 6), (classes.Count, classes.Images));
            for (var label = 0; label < 3; label++)
            {
                Assert.Equal((first, label + 1), (classes.First(label), classes.CountOf(label)));
                var found = Enumerable.Range(first, label + 1).Select(number =>
                {
                    set.Read(number, image);
                    return Assert.Single(image.Distinct());
                });
                Assert.Equal(Enumerable.Range(0, label + 1).Select(n => (byte)(100 * (int)part + 10 * label + n)), found.Order());
                first += label + 1;
            }
        }
        Assert.Equal(set.Count, first);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Read(first, image));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Read(-1, image));
    }

    [Fact]
    public void Mean_and_deviation_are_those_of_the_training_images()
    {
        using var set = ImageSet.Open(folder);
        double[] values = [0, 10, 11, 20, 21, 22];
        var mean = values.Average();
        Assert.All(set.Facts.Mean, value => Assert.Equal(mean / 255, value, 1e-12));
        Assert.All(set.Facts.Deviation, value => Assert.Equal(Math.Sqrt(values.Average(x => (x - mean) * (x - mean))) / 255, value, 1e-12));
    }

    [Fact]
    public void Damage_is_noticed_when_the_images_are_checked()
    {
        using (var set = ImageSet.Open(folder)) set.CheckOnce();
        var file = Path.Combine(folder, ImageSetFacts.ImagesName);
        using (var stream = File.OpenWrite(file))
        {
            stream.Position = 77;
            stream.WriteByte(99);
        }
        using (var set = ImageSet.Open(folder)) Assert.Equal(ExitCode.BadData, Assert.Throws<PlasticException>(set.CheckOnce).Code);
        var ended = session.Run("data", "show", "made", "--check", "--data", session.Out);
        Assert.Equal(ExitCode.BadData, ended.Code);
        Assert.Contains("damaged: its SHA-256 is", Assert.Single(ended.Messages));
        File.WriteAllBytes(file, new byte[100]);
        ended = session.Run("data", "show", "made", "--data", session.Out);
        Assert.Contains("100 bytes; images.json promises 3456", Assert.Single(ended.Messages));
    }

    [Fact]
    public void A_check_is_done_once_until_the_file_changes()
    {
        using var set = ImageSet.Open(folder);
        set.CheckOnce();
        var known = Path.Combine(folder, "checked.json");
        var before = DateTime.UtcNow.AddDays(-1);
        File.SetLastWriteTimeUtc(known, before);
        set.CheckOnce();
        Assert.Equal(before, File.GetLastWriteTimeUtc(known));
        File.SetLastWriteTimeUtc(Path.Combine(folder, ImageSetFacts.ImagesName), DateTime.UtcNow.AddHours(-1));
        set.CheckOnce();
        Assert.NotEqual(before, File.GetLastWriteTimeUtc(known));
    }

    [Fact]
    public void Sets_are_listed_and_shown()
    {
        var list = session.Run("data", "list", "--data", session.Out);
        Assert.Equal("made  8 × 8, 18 images, 3 / 3 / 3 classes, 3 kB", Assert.Single(list.Results));
        var show = session.Run("data", "show", "made", "--data", session.Out, "--check");
        Assert.Equal(ExitCode.Ok, show.Code);
        Assert.Equal("train: 3 classes, 6 images, 1 to 3 of a class", show.Results[1]);
        Assert.Equal("credit: somebody: no rights reserved", show.Results[^2]);
        Assert.Equal(ExitCode.MissingInput, session.Run("data", "show", "none", "--data", session.Out).Code);
        Assert.Empty(session.Run("data", "list", "--data", Path.Combine(session.Out, "nowhere")).Results);
    }

    [Fact]
    public void A_contact_sheet_has_a_row_for_each_class()
    {
        var file = Path.Combine(session.Out, "sheet.png");
        Assert.Equal(file, session.Run("data", "show", "made", "--data", session.Out, "-o", file).Results[^1]);
        using var sheet = SKBitmap.Decode(file);
        var colours = sheet.Pixels.Distinct().ToHashSet();
        foreach (var value in from part in Enumerable.Range(0, 3) from label in Enumerable.Range(0, 3) from n in Enumerable.Range(0, label + 1) select (byte)(100 * part + 10 * label + n))
        {
            Assert.Contains(new SKColor(value, value, value), colours);
            Assert.True(sheet.Pixels.Count(pixel => pixel == new SKColor(value, value, value)) >= Side * Side);
        }
        Assert.Equal(ExitCode.Exists, session.Run("data", "show", "made", "--data", session.Out, "-o", file).Code);
    }

    [Theory]
    [InlineData("did you mean import?", "data", "inport", "x")]
    [InlineData("did you mean signs?", "data", "get", "sings")]
    [InlineData("--check is for data show", "data", "list", "--check")]
    [InlineData("an image set's name has 1 to 56", "data", "show", "../x")]
    [InlineData("--side must be a whole number from 8 to 512", "data", "import", "x", "--name", "y", "--side", "4")]
    [InlineData("draws --side 32 or 84, not '64'", "data", "get", "signs", "--side", "64")]
    [InlineData("ends in .png", "data", "show", "x", "-o", "x.jpg")]
    [InlineData("data needs import SOURCE", "data")]
    public void Other_words_are_refused(string said, params string[] words)
    {
        var ended = session.Run(words);
        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.Contains(said, Assert.Single(ended.Messages));
    }

    private static PixelImage Even(byte value) => new(Side, Side, [.. Enumerable.Repeat(value, Side * Side * 3)]);
}
