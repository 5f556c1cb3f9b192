using System.Text.Json;
using Plastic.Host;
using SkiaSharp;

namespace Plastic.Program.Tests;

/// <summary>
/// The same images in the four layouts that people have: two of each class of CIFAR-FS, 32 × 32. They are what a jpg of a random picture
/// holds, since that cannot hold every picture.
/// </summary>
internal sealed class MadeImages
{
    public const int Side = 32, OfClass = 2;

    private readonly List<(string Part, string Label, byte[] Jpg, byte[] Pixels)> all = [];

    public MadeImages(int seed)
    {
        var random = new Random(seed);
        foreach (var (part, labels) in Parts)
        {
            foreach (var label in labels)
            {
                for (var n = 0; n < OfClass; n++)
                {
                    var jpg = Encoded(Picture(random), Side, SKEncodedImageFormat.Jpeg);
                    all.Add((part, label, jpg, PixelImage.Decoded(jpg).Bytes));
                }
            }
        }
    }

    /// <summary>CIFAR-FS's parts with the names of their classes, in order.</summary>
    public static IReadOnlyList<(string Part, string[] Labels)> Parts { get; } = ReadParts();

    /// <summary>The images of a class.</summary>
    public IEnumerable<byte[]> Of(string part, string label) => all.Where(image => image.Part == part && image.Label == label).Select(image => image.Pixels);

    /// <summary>The mean of the red bytes of a part.</summary>
    public double MeanRed(string part) =>
        all.Where(image => image.Part == part).SelectMany(image => image.Pixels.Where((_, at) => at % 3 == 0)).Average(value => (double)value);

    /// <summary>Published pickles.</summary>
    public void WritePickles(string folder, PickleStyle style)
    {
        foreach (var (part, labels) in Parts)
        {
            // Not class after class: the order of a file's images must not matter.
            var images = all.Where(image => image.Part == part).Reverse().ToArray();
            File.WriteAllBytes(
                Path.Combine(folder, $"CIFAR_FS_{(part == "validation" ? "val" : part)}.pickle"),
                MadePickle.OfImages(style, Side, [.. images.Select(image => image.Pixels)], [.. images.Select(image => 300 * Array.IndexOf(labels, image.Label))]));
        }
    }

    /// <summary>jpg files with lists.</summary>
    public void WriteLists(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        foreach (var (part, _) in Parts)
        {
            var lines = new List<string> { "filename,label" };
            foreach (var (image, at) in all.Select((image, at) => (image, at)).Where(entry => entry.image.Part == part))
            {
                File.WriteAllBytes(Path.Combine(folder, "images", $"n{at:D5}.jpg"), image.Jpg);
                lines.Add($"n{at:D5}.jpg,{image.Label}");
            }
            File.WriteAllLines(Path.Combine(folder, $"{(part == "validation" ? "val" : part)}.csv"), lines);
        }
    }

    /// <summary>png files in a folder for each class.</summary>
    public void WriteFolders(string folder, string prefix)
    {
        foreach (var (image, at) in all.Select((image, at) => (image, at)))
        {
            var place = Directory.CreateDirectory(Path.Combine(folder, prefix + (image.Part == "validation" ? "val" : image.Part), image.Label)).FullName;
            File.WriteAllBytes(Path.Combine(place, $"{999 - at:D3}.png"), Encoded(image.Pixels, Side, SKEncodedImageFormat.Png));
        }
    }

    /// <summary>CIFAR-100's binary files: one image of each class in either.</summary>
    public void WriteBinary(string folder)
    {
        var fine = Parts.SelectMany(part => part.Labels).Order(StringComparer.Ordinal).ToArray();
        foreach (var (name, which) in new[] { ("train.bin", 0), ("test.bin", 1) })
        {
            File.WriteAllBytes(Path.Combine(folder, name), [.. all.Where((_, at) => at % OfClass == which).SelectMany(image =>
                new byte[] { 7, (byte)Array.IndexOf(fine, image.Label) }
                    .Concat(Enumerable.Range(0, 3).SelectMany(channel => image.Pixels.Where((_, at) => at % 3 == channel))))]);
        }
    }

    /// <summary>A picture file of [side, side, 3] bytes.</summary>
    public static byte[] Encoded(byte[] pixels, int side, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var span = bitmap.GetPixelSpan();
        for (var at = 0; at < side * side; at++)
        {
            pixels.AsSpan(3 * at, 3).CopyTo(span[(4 * at)..]);
            span[4 * at + 3] = 255;
        }
        bitmap.NotifyPixelsChanged();
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    private static byte[] Picture(Random random)
    {
        var pixels = new byte[Side * Side * 3];
        random.NextBytes(pixels);
        return pixels;
    }

    private static IReadOnlyList<(string, string[])> ReadParts()
    {
        using var document = JsonDocument.Parse(Resource.Bytes("Images.cifar-fs.json"));
        return [.. document.RootElement.EnumerateObject().Select(part =>
            (part.Name, part.Value.EnumerateArray().Select(name => name.GetString()!).Order(StringComparer.Ordinal).ToArray()))];
    }
}
