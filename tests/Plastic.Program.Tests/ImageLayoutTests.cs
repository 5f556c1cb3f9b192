using Plastic.Host;
using Plastic.Tasks;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The four layouts give the same image set, byte for byte, and other folders are refused.</summary>
public sealed class ImageLayoutTests : IDisposable
{
    private static readonly MadeImages images = new(seed: 3);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-images-");
    private readonly Session session = new();

    public void Dispose()
    {
        session.Dispose();
        folder.Delete(recursive: true);
    }

    public static TheoryData<string> Layouts => ["Python2", "Protocol2", "Protocol3", "Protocol4", "Protocol5", "lists", "folders", "meta-folders", "binary"];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_layout_gives_the_same_bytes(string layout)
    {
        switch (layout)
        {
            case "lists": images.WriteLists(folder.FullName); break;
            case "folders": images.WriteFolders(folder.FullName, ""); break;
            case "meta-folders": images.WriteFolders(folder.FullName, "meta-"); break;
            case "binary": images.WriteBinary(folder.FullName); break;
            default: images.WritePickles(folder.FullName, Enum.Parse<PickleStyle>(layout)); break;
        }
        var ended = Import();
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        using var set = ImageSet.Open(ended.Results[^1]);
        set.Check();
        Assert.Equal((200, 32), (set.Count, set.Side));
        var image = new byte[set.Facts.ImageBytes];
        foreach (var ((part, labels), at) in MadeImages.Parts.Select((part, at) => (part, at)))
        {
            var classes = set.Classes((Part)at);
            Assert.Equal(labels.Length, classes.Count);
            for (var label = 0; label < labels.Length; label++)
            {
                Assert.Equal(MadeImages.OfClass, classes.CountOf(label));
                var expected = images.Of(part, labels[label]).Select(Convert.ToHexString).Order();
                Assert.Equal(expected, Enumerable.Range(classes.First(label), classes.CountOf(label)).Select(Hex).Order());
            }
        }
        Assert.Equal(Reference(), set.Facts.Sha256);
        var mean = layout switch { "lists" or "folders" or "meta-folders" => images.MeanRed("train"), _ => 129.37731888 };
        Assert.Equal(mean / 255, set.Facts.Mean[0], 1e-12);

        string Hex(int number)
        {
            set.Read(number, image);
            return Convert.ToHexString(image);
        }
    }

    [Fact]
    public void What_exists_is_not_overwritten_and_a_failure_leaves_nothing()
    {
        images.WriteBinary(folder.FullName);
        Assert.Equal(ExitCode.Ok, Import().Code);
        var before = session.Everything();
        Assert.Equal(ExitCode.Exists, Import().Code);
        Assert.Equal(before, session.Everything());
        File.WriteAllBytes(Path.Combine(folder.FullName, "test.bin"), new byte[3074 + 1]);
        var ended = Import("other");
        Assert.Equal((ExitCode.BadData, before.Length), (ended.Code, session.Everything().Length));
        Assert.Contains("test.bin: 3075 bytes, which are not records of 3074", Assert.Single(ended.Messages));
    }

    [Fact]
    public void An_image_of_another_size_is_resized()
    {
        images.WriteFolders(folder.FullName, "");
        var ended = Import("small", "--side", "16");
        Assert.Equal((ExitCode.Ok, "32 × 32 resized to 16 × 16"), (ended.Code, Assert.Single(ended.Messages)));
        using var small = ImageSet.Open(Path.Combine(session.Out, "small"));
        var (image, expected) = (new byte[16 * 16 * 3], new byte[16 * 16 * 3]);
        var all = images.Of("train", MadeImages.Parts[0].Labels[0]).Select(pixels =>
        {
            Resampling.Square(new PixelImage(32, 32, pixels), 16, expected);
            return Convert.ToHexString(expected);
        }).ToArray();
        small.Read(0, image);
        Assert.Contains(Convert.ToHexString(image), all);
    }

    [Fact]
    public void Lists_have_the_published_normalisation_of_miniImageNet_only_under_its_name()
    {
        images.WriteLists(folder.FullName);
        var ended = Import("mini_imagenet");
        using var set = ImageSet.Open(ended.Results[^1]);
        Assert.Equal((84, 120.39586422), (set.Side, 255 * set.Facts.Mean[0]));
        Assert.Equal(["32 × 32 resized to 84 × 84"], ended.Messages);
    }

    [Theory]
    [InlineData(66, "no such folder", "nowhere")]
    [InlineData(65, "no layout that is known", ".")]
    [InlineData(64, "needs --name", null)]
    public void Another_source_is_refused(int code, string said, string? source)
    {
        var ended = session.Run(["data", "import", Path.Combine(folder.FullName, source ?? "."), "--data", session.Out, .. source is null ? Array.Empty<string>() : ["--name", "x"]]);
        Assert.Equal((ExitCode)code, ended.Code);
        Assert.Contains(said, Assert.Single(ended.Messages));
        Assert.Empty(session.Everything());
    }

    [Theory]
    [InlineData("train.csv", "filename;label\n", "train.csv: line 1 is not filename,label")]
    [InlineData("train.csv", "filename,label\na.jpg\n", "train.csv: line 2 is not filename,label")]
    [InlineData("train.csv", "filename,label\n../a.jpg,b\n", "train.csv: line 2: ../a.jpg is not the name of a file in images")]
    [InlineData("train.csv", "filename,label\na.jpg,b\n", "train.csv: it lists a.jpg, which is not in")]
    [InlineData("train.csv", "filename,label\n", "no class to train on")]
    [InlineData("images/n00000.jpg", "not a picture", "n00000.jpg: not a jpg or png picture")]
    public void A_damaged_list_or_picture_is_refused_with_its_place(string file, string content, string said)
    {
        images.WriteLists(folder.FullName);
        File.WriteAllText(Path.Combine(folder.FullName, file), content);
        var ended = Import();
        Assert.Equal(ExitCode.BadData, ended.Code);
        Assert.Contains(said, Assert.Single(ended.Messages));
        Assert.Empty(session.Everything());
    }

    private static string? reference;

    /// <summary>The SHA-256 of the images in their order, made here.</summary>
    private static string Reference() => reference ??= Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
        [.. MadeImages.Parts.SelectMany(part => part.Labels.SelectMany(label => images.Of(part.Part, label)
            .OrderBy(pixels => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(pixels)), StringComparer.Ordinal))).SelectMany(pixels => pixels)]));

    private Ended Import(string name = "made", params string[] words) =>
        session.Run(["data", "import", folder.FullName, "--name", name, "--data", session.Out, .. words]);
}
