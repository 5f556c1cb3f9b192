using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Plastic.Host;

/// <summary>The file images.json of an image set.</summary>
/// <param name="Format">1.</param>
/// <param name="Name">What the set is called: as its folder, also after that was renamed.</param>
/// <param name="Side">Pixels in a row, and rows, of every image.</param>
/// <param name="Sha256">Of images.bin.</param>
/// <param name="Mean">Of red, green and blue, of values from 0 to 1: images are used as (byte/255 − mean)/deviation.</param>
/// <param name="Deviation">Of the same values.</param>
/// <param name="Train">The classes to train on.</param>
/// <param name="Validation">Those to validate on.</param>
/// <param name="Test">Those to test on.</param>
/// <param name="Source">Where the images come from.</param>
/// <param name="Credits">Who made them, and their licences.</param>
internal sealed record ImageSetFacts(
    int Format, string Name, int Side, string Sha256, double[] Mean, double[] Deviation,
    ImageClassFacts Train, ImageClassFacts Validation, ImageClassFacts Test, string Source, string[] Credits)
{
    public const string FileName = "images.json";
    public const string ImagesName = "images.bin";
    public const int CurrentFormat = 1, LeastSide = 8, MostSide = 512;

    /// <summary>The three parts with their names.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, ImageClassFacts Classes)> Parts =>
        [("train", Train), ("validation", Validation), ("test", Test)];

    /// <summary>The bytes of one image.</summary>
    [JsonIgnore]
    public int ImageBytes => Side * Side * 3;

    /// <summary>How many images there are.</summary>
    [JsonIgnore]
    public long Images => Parts.Sum(part => part.Classes.Images);

    /// <summary>
    /// What identifies a set: the SHA-256 of all that a network is given of it, which are the images with their size, the classes of each
    /// part with their names, and the normalisation. Its own name, its source and its credits are not part of it.
    /// </summary>
    [JsonIgnore]
    public string Identity
    {
        get
        {
            var text = new StringBuilder($"{Sha256}\n{Side}\n{Numbers(Mean)}\n{Numbers(Deviation)}\n");
            foreach (var (name, part) in Parts)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name} {part.Names.Length}\n");
                // The length of a name comes first: names may have any letters.
                foreach (var (label, count) in part.Names.Zip(part.Counts)) text.Append(CultureInfo.InvariantCulture, $"{count} {label.Length} {label}\n");
            }
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(text.ToString())));

            static string Numbers(double[] values) => string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Reads the facts of a set.</summary>
    /// <exception cref="PlasticException">The file is missing, or not of this format.</exception>
    public static ImageSetFacts Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        var facts = JsonFile.Read<ImageSetFacts>(file);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return facts.Fault() is { } fault ? throw JsonFile.Fault(file, "", fault) : facts with { Name = name };
    }

    private string? Fault()
    {
        if (Format != CurrentFormat) return $"format {Format}; this version reads {CurrentFormat}";
        if (Side is < LeastSide or > MostSide) return $"side is {Side}; expected {LeastSide} to {MostSide}";
        if (Sha256.Length != 64 || !Sha256.All(char.IsAsciiHexDigitLower)) return "sha256 is not 64 hexadecimal digits";
        if (Mean.Length != 3 || Deviation.Length != 3) return "mean and deviation have one number for each of red, green and blue";
        if (Mean.Any(x => x is < 0 or > 1) || Deviation.Any(x => x is <= 0 or > 1)) return "mean must be from 0 to 1, deviation above 0 and up to 1";
        foreach (var (name, part) in Parts)
        {
            if (part.Names.Length == 0) return $"{name} has no class";
            if (part.Names.Length != part.Counts.Length) return $"{name} has {part.Names.Length} names for {part.Counts.Length} counts";
            if (part.Counts.Any(count => count < 1)) return $"{name} has a class without images";
        }
        return Images > int.MaxValue ? $"{Images} images; at most {int.MaxValue}" : null;
    }
}

/// <summary>The classes of one part: class c is called Names[c] and has Counts[c] images.</summary>
internal sealed record ImageClassFacts(string[] Names, int[] Counts)
{
    /// <summary>All of its images.</summary>
    [JsonIgnore]
    public long Images => Counts.Sum(count => (long)count);
}
