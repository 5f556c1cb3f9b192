using Plastic.Host;
using SkiaSharp;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The size of an imported set's images: that of the pictures, the one given, or that which the set's name promises.</summary>
public sealed class ImageSizeTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-sizes-");
    private readonly Session session = new();

    public void Dispose()
    {
        session.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Images_keep_the_size_of_the_pictures()
    {
        Write((40, 40));
        var ended = Import("mine");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.StartsWith("mine: 40 × 40 pixels", ended.Results[0]);
        Assert.DoesNotContain(ended.Messages, line => line.Contains("resized"));
    }

    [Theory]
    [InlineData(40, 41, "40 × 41 pixels: say with --side N (8 to 512) what pictures are resized to")]
    [InlineData(7, 7, "7 × 7 pixels: say with --side N")]
    [InlineData(600, 600, "600 × 600 pixels: say with --side N")]
    [InlineData(24, 24, "24 × 24 pixels, others have 40 × 40: say with --side N what pictures are resized to")]
    public void Pictures_without_one_size_of_their_own_need_one(int width, int height, string said)
    {
        Write((40, 40), (width, height));
        var ended = Import("mine");
        Assert.Equal(ExitCode.BadData, ended.Code);
        Assert.Contains($"1.png: {said}", Assert.Single(ended.Messages));
        Assert.Empty(session.Everything());
        ended = Import("mine", "--side", "16");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal("pictures of 2 sizes resized to 16 × 16", ended.Messages[0]);
    }

    [Theory]
    [InlineData("mini_imagenet", 84, 32)]
    [InlineData("cifar_fs", 32, 84)]
    [InlineData("signs", 32, 84)]
    public void A_set_that_experiments_use_has_their_size(string name, int side, int other)
    {
        Write((other, other));
        var ended = Import(name, "--side", $"{other}");
        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.Contains($"a set called {name} has --side {side}, not {other}", Assert.Single(ended.Messages));
        ended = Import(name);
        Assert.StartsWith($"{name}: {side} × {side} pixels", ended.Results[0]);
        Assert.Contains($"{other} × {other} resized to {side} × {side}", ended.Messages);

        // Another set in its place.
        var made = MadeSet.Write(folder.FullName, side: other, seed: 1);
        var place = Path.Combine(folder.FullName, name);
        Directory.Move(made, place);
        ended = session.Run("train", $"data={place}", "--dry-run");
        Assert.Equal(ExitCode.BadData, ended.Code);
        Assert.EndsWith($"a set called {name} has {side} × {side} pixels, not {other} × {other}: import it again, or rename it", Assert.Single(ended.Messages));
    }

    [Fact]
    public void The_message_of_a_missing_set_says_how_to_get_it()
    {
        var ended = session.Train("fewshot_mini_imagenet");
        Assert.Equal(ExitCode.MissingInput, ended.Code);
        Assert.Contains("plastic data import FOLDER --name mini_imagenet --side 84 (looked for in ", Assert.Single(ended.Messages));
    }

    /// <summary>A class of these pictures in each part, called 0.png, 1.png, and so on.</summary>
    private void Write(params (int Width, int Height)[] sizes)
    {
        foreach (var part in new[] { "train", "val", "test" })
        {
            var place = Directory.CreateDirectory(Path.Combine(folder.FullName, "pictures", part, part)).FullName;
            foreach (var ((width, height), at) in sizes.Select((size, at) => (size, at)))
            {
                using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
                bitmap.Erase(new SKColor((byte)(100 + at), (byte)(10 * part.Length), 50));
                using var data = bitmap.Encode(SKEncodedImageFormat.Png, 90);
                File.WriteAllBytes(Path.Combine(place, $"{at}.png"), data.ToArray());
            }
        }
    }

    private Ended Import(string name, params string[] words) =>
        session.Run(["data", "import", Path.Combine(folder.FullName, "pictures"), "--name", name, "--data", session.Out, .. words]);
}
