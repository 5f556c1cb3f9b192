using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// An image set in a folder: images.bin, [N, side, side, 3] bytes, class after class, and images.json, what they are. The images are
/// mapped into memory: only those in use take any.
/// </summary>
internal sealed class ImageSet : IImages, IDisposable
{
    private const string CheckedName = "checked.json";

    private readonly string folder;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly ImageClasses[] classes;

    private ImageSet(string folder, ImageSetFacts facts, MemoryMappedFile map)
    {
        this.folder = folder;
        this.map = map;
        Facts = facts;
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        var first = 0;
        classes = [.. facts.Parts.Select(part =>
        {
            var start = first;
            first += (int)part.Classes.Images;
            return new ImageClasses(start, part.Classes.Counts, part.Classes.Names);
        })];
        Count = first;
    }

    /// <summary>Which content of images.bin was found to be the right one.</summary>
    private sealed record Checked(long Bytes, long Modified, string Sha256);

    public ImageSetFacts Facts { get; }

    /// <summary>How many images there are.</summary>
    public int Count { get; }

    public int Side => Facts.Side;

    /// <summary>Opens a set whose file has the right length.</summary>
    /// <exception cref="PlasticException">It is missing, or damaged.</exception>
    public static ImageSet Open(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new PlasticException(ExitCode.MissingInput, $"{folder}: no such image set (plastic data list; plastic data import)");
        }
        var facts = ImageSetFacts.Read(folder);
        var file = Path.Combine(folder, ImageSetFacts.ImagesName);
        return InputFile.Open(file, stream =>
        {
            var expected = facts.Images * facts.ImageBytes;
            if (stream.Length != expected || expected == 0)
            {
                throw new PlasticException(ExitCode.BadData, $"{file}: {stream.Length} bytes; {ImageSetFacts.FileName} promises {expected}: import it again");
            }
            return new ImageSet(folder, facts, MemoryMappedFile.CreateFromFile(file, FileMode.Open, null, 0, MemoryMappedFileAccess.Read));
        });
    }

    public ImageClasses Classes(Part part) => classes[(int)part];

    public void Read(int image, Span<byte> into)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)image, (uint)Count, nameof(image));
        view.SafeMemoryMappedViewHandle.ReadSpan((ulong)image * (ulong)Facts.ImageBytes, into[..Facts.ImageBytes]);
    }

    /// <summary>Reads all images and compares them with their SHA-256.</summary>
    /// <exception cref="PlasticException">They are others.</exception>
    public void Check()
    {
        var file = new FileInfo(Path.Combine(folder, ImageSetFacts.ImagesName));
        var now = new Checked(file.Length, file.LastWriteTimeUtc.Ticks, InputFile.Open(file.FullName, stream => Convert.ToHexStringLower(SHA256.HashData(stream))));
        if (now.Sha256 != Facts.Sha256)
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: damaged: its SHA-256 is {now.Sha256}, not {Facts.Sha256}: import it again");
        }
        try
        {
            AtomicFile.Write(Path.Combine(folder, CheckedName), JsonText.Document(now));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be written to is checked again the next time.
        }
    }

    /// <summary>The same, unless they were found right before, and the file's size and time have not changed since.</summary>
    /// <exception cref="PlasticException">They are others.</exception>
    public void CheckOnce()
    {
        var file = new FileInfo(Path.Combine(folder, ImageSetFacts.ImagesName));
        var known = new Checked(file.Length, file.LastWriteTimeUtc.Ticks, Facts.Sha256);
        if (JsonFile.ReadOrNull<Checked>(Path.Combine(folder, CheckedName)) != known) Check();
    }

    public void Dispose()
    {
        view.Dispose();
        map.Dispose();
    }
}
