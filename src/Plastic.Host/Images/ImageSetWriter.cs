using System.Buffers.Binary;
using System.Security.Cryptography;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// Makes an image set in a temporary folder, which gets the set's name when it is whole. Classes keep their order; the images of a class
/// are ordered by the SHA-256 of their bytes, so that the same images give the same file from whatever layout they were read.
/// </summary>
internal sealed class ImageSetWriter : IDisposable
{
    private const int MostImages = 20_000_000, LongestName = 200;

    private readonly string folder, temporary;
    private readonly PictureSizes sizes;
    private readonly CancellationToken stop;
    private readonly FileStream staged;
    private readonly List<(Part Part, string Name)> classes = [];
    private readonly List<(int Label, UInt128 First, UInt128 Second, int Place)> images = [];
    private readonly string? madeRoot;
    private byte[] image = [];
    private int side;
    private bool isWhole;

    /// <param name="root">The folder of image sets.</param>
    /// <param name="name">The set's name.</param>
    /// <param name="side">Pixels in a row, and rows, of every image; null for those of the pictures.</param>
    /// <param name="stop">Stops the work at the next image.</param>
    /// <exception cref="PlasticException">There is such a set, or the folder cannot be written to.</exception>
    public ImageSetWriter(string root, string name, int? side, CancellationToken stop)
    {
        folder = Path.Combine(root, name);
        Name = name;
        sizes = new PictureSizes(side);
        this.stop = stop;
        if (Path.Exists(folder)) throw Taken();
        OutputFolder.RequireWritable(folder);
        madeRoot = Directory.Exists(root) ? null : root;
        AbandonedImports.Delete(root);
        temporary = AbandonedImports.Folder(root, name);
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        staged = new FileStream(Path.Combine(temporary, AbandonedImports.StagedName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16);
    }

    /// <summary>The set's name.</summary>
    public string Name { get; }

    /// <summary>From which sizes pictures were resized; null where none was.</summary>
    public string? Resized => sizes.Resized;

    /// <summary>What is in the whole set more than once and should not be; null where nothing is.</summary>
    public string? Shared { get; private set; }

    /// <summary>Adds a class; classes of a part are numbered in the order in which they are added.</summary>
    /// <returns>What to name it by when adding images.</returns>
    public int AddClass(Part part, string name)
    {
        if (name.Length > LongestName) throw new FormatException($"a class has a name of more than {LongestName} letters: {SafeText.Line(name[..40])}…");
        classes.Add((part, name));
        return classes.Count - 1;
    }

    /// <summary>Adds an image of a class, which is resized where it has another size.</summary>
    /// <exception cref="OperationCanceledException">The work is to stop.</exception>
    /// <exception cref="FormatException">There are too many, or its size needs a side that was not given.</exception>
    public void Add(int label, PixelImage pixels)
    {
        stop.ThrowIfCancellationRequested();
        if (images.Count == MostImages) throw new FormatException($"more than {MostImages} images");
        side = sizes.SideOf(pixels.Width, pixels.Height);
        if (image.Length == 0) image = new byte[side * side * 3];
        Resampling.Square(pixels, side, image);
        try
        {
            staged.Write(image);
        }
        catch (IOException fault)
        {
            throw new PlasticException(ExitCode.InputOutput, $"{temporary}: cannot be written: {Failure.OneLine(fault.Message)}", fault);
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(image, hash);
        images.Add((
            label, BinaryPrimitives.ReadUInt128BigEndian(hash),
            BinaryPrimitives.ReadUInt128BigEndian(hash[16..]), images.Count));
    }

    /// <summary>Writes the set, and gives it its name.</summary>
    /// <param name="source">Where the images come from.</param>
    /// <param name="credits">Who made them.</param>
    /// <param name="published">The normalisation that publications use; where there is none, it is that of the training images.</param>
    /// <param name="expected">The SHA-256 that the images must have; null for any.</param>
    /// <exception cref="FormatException">A part has no class, a class no image, or the images are others than expected.</exception>
    public ImageSetFacts Finish(string source, IEnumerable<string> credits, Normalisation? published = null, string? expected = null)
    {
        // Parts follow each other, and so do the classes of each.
        var order = Enumerable.Range(0, classes.Count).OrderBy(label => classes[label].Part).ToArray();
        var rank = new int[classes.Count];
        for (var at = 0; at < order.Length; at++) rank[order[at]] = at;
        var counts = new int[classes.Count];
        foreach (var entry in images) counts[entry.Label]++;
        RequireWhole(counts);
        images.Sort((a, b) => (a.First, a.Second).CompareTo((b.First, b.Second)));
        Shared = SharedImages.Warning(classes, images.Select(entry => (entry.Label, entry.First, entry.Second)));
        images.Sort((a, b) => (rank[a.Label], a.First, a.Second, a.Place).CompareTo((rank[b.Label], b.First, b.Second, b.Place)));

        var sums = new ChannelSums();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AtomicFile.WriteThrough(Path.Combine(temporary, ImageSetFacts.ImagesName), stream =>
        {
            foreach (var entry in images)
            {
                stop.ThrowIfCancellationRequested();
                staged.Position = (long)entry.Place * image.Length;
                staged.ReadExactly(image);
                stream.Write(image);
                hash.AppendData(image);
                if (classes[entry.Label].Part == Part.Training) sums.Add(image);
            }
        });

        ImageClassFacts Of(Part part)
        {
            var labels = order.Where(label => classes[label].Part == part).ToArray();
            return new ImageClassFacts([.. labels.Select(label => classes[label].Name)], [.. labels.Select(label => counts[label])]);
        }
        var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (expected is not null && sha256 != expected) throw new FormatException($"the images have the SHA-256 {sha256}, not {expected}");
        var (mean, deviation) = published ?? sums.Normalisation;
        var facts = new ImageSetFacts(
            ImageSetFacts.CurrentFormat, Name, side, sha256, mean, deviation,
            Of(Part.Training), Of(Part.Validation), Of(Part.Test), source, [.. credits]);
        AtomicFile.WriteThrough(Path.Combine(temporary, ImageSetFacts.FileName), JsonText.Document(facts));
        if (Path.Exists(folder)) throw Taken();
        // Before the lock ends: see AbandonedImports.
        File.Delete(staged.Name);
        staged.Dispose();
        CLibrary.Rename(temporary, folder);
        CLibrary.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        isWhole = true;
        return facts;
    }

    public void Dispose()
    {
        staged.Dispose();
        if (isWhole) return;
        Directory.Delete(temporary, recursive: true);
        if (madeRoot is not null && !Directory.EnumerateFileSystemEntries(madeRoot).Any()) Directory.Delete(madeRoot);
    }

    private void RequireWhole(int[] counts)
    {
        foreach (var part in Enum.GetValues<Part>())
        {
            if (classes.All(entry => entry.Part != part)) throw new FormatException($"no class to {Purpose(part)}");
        }
        if (Array.IndexOf(counts, 0) is >= 0 and var empty) throw new FormatException($"class {SafeText.Line(classes[empty].Name)} has no image");
    }

    private static string Purpose(Part part) => part switch { Part.Training => "train on", Part.Validation => "validate on", _ => "test on" };

    private PlasticException Taken() =>
        new(ExitCode.Exists, $"{folder} exists and is not overwritten: choose another --name, or delete it first");
}
