using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// CIFAR-100's binary files, train.bin and test.bin, split as CIFAR-FS (Bertinetto and others 2019, arXiv:1805.08136). A record has 3,074
/// bytes: the coarse label, the fine label, then the planes of red, green and blue, 32 × 32 bytes each. Fine labels number the classes
/// in the order of their names. Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images".
/// </summary>
internal static class Cifar100
{
    private const int Side = 32, Plane = Side * Side, Record = 2 + 3 * Plane, Classes = 100;

    private sealed record Split(string[] Train, string[] Validation, string[] Test);

    /// <summary>The files of a folder; null if they are not there.</summary>
    public static string[]? Files(string folder)
    {
        string[] files = [.. new[] { "train.bin", "test.bin" }.Select(name => Path.Combine(folder, name))];
        return files.All(File.Exists) ? files : null;
    }

    /// <summary>Adds the classes of CIFAR-FS; the result gives the class of each fine label.</summary>
    public static int[] AddClasses(ImageSetWriter writer)
    {
        var split = JsonFile.Parse<Split>("cifar-fs.json", Resource.Bytes("Images.cifar-fs.json"));
        string[][] parts = [split.Train, split.Validation, split.Test];
        var part = new Dictionary<string, Part>();
        for (var at = 0; at < parts.Length; at++)
        {
            foreach (var name in parts[at]) part.Add(name, (Part)at);
        }
        return [.. part.Keys.Order(StringComparer.Ordinal).Select(name => writer.AddClass(part[name], name))];
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public static void Read(Stream stream, int[] classes, ImageSetWriter writer)
    {
        if (stream.Length % Record != 0) throw new FormatException($"{stream.Length} bytes, which are not records of {Record}");
        using var buffered = new BufferedStream(stream, 1 << 18);
        var record = new byte[Record];
        var image = new PixelImage(Side, Side, new byte[3 * Plane]);
        for (var number = 0L; number < stream.Length / Record; number++)
        {
            buffered.ReadExactly(record);
            if (record[1] >= Classes) throw new FormatException($"record {number}: fine label {record[1]}; there are {Classes}");
            for (var pixel = 0; pixel < Plane; pixel++)
            {
                for (var channel = 0; channel < 3; channel++) image.Bytes[3 * pixel + channel] = record[2 + channel * Plane + pixel];
            }
            writer.Add(classes[record[1]], image);
        }
    }
}
