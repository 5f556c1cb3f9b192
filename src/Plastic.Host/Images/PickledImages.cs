using System.Buffers.Binary;
using System.Globalization;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// Published pickles, a file for each part: a dict with `data`, bytes [N, side, side, 3], and `labels`, N whole numbers. A class is a
/// label; classes are in the order of their labels.
/// </summary>
internal static class PickledImages
{
    /// <summary>How the published files end, for each part.</summary>
    private static readonly string[] Endings = ["train", "val", "test"];

    private const string MiniImageNet = "miniImageNet_category_split_";

    /// <summary>The files of a folder, one for each part; null if they are not there.</summary>
    public static string[]? Files(string folder)
    {
        string? Find(string ending) => Directory.EnumerateFiles(folder)
            .Where(file => Path.GetExtension(file) is ".pickle" or ".pkl")
            // Of miniImageNet's training classes there are also a validation and a test file, for another purpose.
            .Where(file => Path.GetFileNameWithoutExtension(file) is var name && name.EndsWith($"_{ending}", StringComparison.Ordinal)
                && !(name.Contains("_train_phase_", StringComparison.Ordinal) && ending != "train"))
            .Order(StringComparer.Ordinal).FirstOrDefault();
        string[] files = [.. Endings.Select(Find).OfType<string>()];
        return files.Length == Endings.Length ? files : null;
    }

    /// <summary>The normalisation that was published with the files.</summary>
    public static Normalisation? Published(string[] files)
    {
        var name = Path.GetFileName(files[0]);
        return name.StartsWith("CIFAR_FS_", StringComparison.Ordinal) ? Normalisation.CifarFs
            : name.StartsWith(MiniImageNet, StringComparison.Ordinal) ? Normalisation.MiniImageNet : null;
    }

    /// <summary>Reads a part.</summary>
    /// <exception cref="FormatException">It is another kind of pickle.</exception>
    public static void Read(Stream stream, Part part, ImageSetWriter writer)
    {
        var file = new PickleFile(stream);
        if (PickleReader.Read(file) is not Dictionary<object, object?> dict) throw new FormatException("not a dict of data and labels");
        if (!dict.TryGetValue("data", out var data) || data is not PickleArray { Type.Code: "u1", Shape: [var count, var height, var width, 3], Content: { } content })
        {
            throw new FormatException("data is not an array of bytes [N, side, side, 3]");
        }
        if (count < 1 || height is < 1 or > 4096 || width is < 1 or > 4096) throw new FormatException($"{count} images of {height} × {width} pixels; at least one, of at most 4096");
        if (!dict.TryGetValue("labels", out var given)) throw new FormatException("labels are missing");
        var labels = Labels(given, file, count);
        var numbers = labels.Distinct().Order().ToArray();
        var classes = numbers.ToDictionary(label => label, label => writer.AddClass(part, label.ToString(CultureInfo.InvariantCulture)));
        var images = file.Open(content);
        var image = new PixelImage((int)width, (int)height, new byte[width * height * 3]);
        foreach (var label in labels)
        {
            images.Read(image.Bytes);
            writer.Add(classes[label], image);
        }
        images.RequireEnd();
    }

    private static long[] Labels(object? given, PickleFile file, long count)
    {
        long[] labels = given switch
        {
            List<object?> list => [.. list.Select(label => label switch
            {
                long number => number,
                PickleArray { Shape.Count: 0 } scalar => Numbers(scalar, file)[0],
                _ => throw new FormatException("a label is not a whole number"),
            })],
            PickleArray { Shape.Count: 1 } array => Numbers(array, file),
            _ => throw new FormatException("labels are not a list of whole numbers"),
        };
        return labels.Length == count ? labels : throw new FormatException($"{labels.Length} labels for {count} images");
    }

    private static long[] Numbers(PickleArray array, PickleFile file)
    {
        if (array is not { Type: { } type, Content: { } content } || type.Code[0] is 'f' or 'b') throw new FormatException("labels are not whole numbers");
        var count = array.Shape.Count == 0 ? 1 : array.Shape[0];
        var bytes = file.Open(content);
        Span<byte> number = stackalloc byte[8];
        var numbers = new long[count];
        for (var at = 0L; at < count; at++)
        {
            var own = number[..type.Bytes];
            bytes.Read(own);
            if (type.IsBigEndian) own.Reverse();
            number[type.Bytes..].Fill(type.Code[0] == 'i' && (own[^1] & 0x80) != 0 ? (byte)0xff : (byte)0);
            numbers[at] = BinaryPrimitives.ReadInt64LittleEndian(number);
        }
        bytes.RequireEnd();
        return numbers;
    }
}
