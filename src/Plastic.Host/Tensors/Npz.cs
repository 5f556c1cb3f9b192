using System.IO.Compression;
using System.IO.Hashing;

namespace Plastic.Host;

/// <summary>
/// NumPy's archives of arrays: zip files of .npy arrays. Every entry is read to its end and compared with its length and CRC before
/// memory is allotted for it, so a file never takes more memory than the arrays that it really holds.
/// </summary>
internal static class Npz
{
    private const string Extension = ".npy";
    private const int MostArrays = 10_000;

    /// <summary>The best that the Deflate format compresses.</summary>
    private const long BestRatio = 1032;

    // What zip files have as their earliest time: the same arrays give the same bytes.
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads all arrays of a file, in the file's order.</summary>
    /// <exception cref="PlasticException">It is missing, cannot be read, or is not in this format.</exception>
    public static IReadOnlyList<NamedTensor> Read(string file) => InputFile.Open(file, stream =>
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            if (zip.Entries.Count > MostArrays) throw new FormatException($"{zip.Entries.Count} arrays; at most {MostArrays} are read");
            var names = new HashSet<string>();
            long compressed = 0, whole = 0;
            foreach (var entry in zip.Entries)
            {
                if (!entry.FullName.EndsWith(Extension, StringComparison.Ordinal)) throw Fault(file, entry.FullName, "not an .npy array");
                if (!names.Add(entry.FullName)) throw Fault(file, entry.FullName, "two arrays of this name");
                if (entry.IsEncrypted) throw Fault(file, entry.FullName, "encrypted");
                if (entry.Length / BestRatio > entry.CompressedLength) throw Fault(file, entry.FullName, "no data compresses that well");
                compressed = checked(compressed + entry.CompressedLength);
                whole = checked(whole + entry.Length);
            }
            if (compressed > stream.Length) throw new FormatException("arrays overlap");
            if (Memory.Lack(whole, Memory.Available) is { } lack) throw new FormatException(lack);
            return (IReadOnlyList<NamedTensor>)[.. zip.Entries.Select(entry => Read(file, entry))];
        }
        catch (Exception fault) when (IsFormat(fault))
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: not a valid .npz file: {Failure.OneLine(fault.Message)}", fault);
        }
    });

    /// <summary>Writes a file atomically: arrays, not compressed, and lists of texts.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string file, IEnumerable<NamedTensor> tensors, IEnumerable<(string Name, IReadOnlyList<string> Texts)> texts) =>
        AtomicFile.Write(file, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach (var tensor in tensors) Add(tensor.Name, entry => Npy.Write(entry, tensor));
            foreach (var (name, list) in texts) Add(name, entry => Npy.Write(entry, list));

            void Add(string name, Action<Stream> write)
            {
                var entry = zip.CreateEntry(name + Extension, CompressionLevel.NoCompression);
                entry.LastWriteTime = Epoch;
                entry.ExternalAttributes = 0;
                using var content = entry.Open();
                write(content);
            }
        });

    private static NamedTensor Read(string file, ZipArchiveEntry entry)
    {
        try
        {
            RequireWhole(entry);
            using var content = entry.Open();
            return Npy.Read(entry.FullName[..^Extension.Length], content, entry.Length);
        }
        catch (Exception fault) when (IsFormat(fault))
        {
            throw Fault(file, entry.FullName[..^Extension.Length], Failure.OneLine(fault.Message), fault);
        }
    }

    /// <summary>Refuses an entry that is not what its directory says.</summary>
    private static void RequireWhole(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        var buffer = new byte[1 << 14];
        var crc = new Crc32();
        var length = 0L;
        for (int read; (read = content.Read(buffer)) > 0; length += read)
        {
            if (length + read > entry.Length) break;
            crc.Append(buffer.AsSpan(0, read));
        }
        if (length != entry.Length) throw new FormatException($"{(length < entry.Length ? "fewer" : "more")} than the {entry.Length} bytes that the file promises");
        if (crc.GetCurrentHashAsUInt32() != entry.Crc32) throw new FormatException("damaged: wrong CRC");
    }

    /// <summary>What a damaged zip file makes the library throw.</summary>
    private static bool IsFormat(Exception fault) => fault is FormatException or InvalidDataException or EndOfStreamException
        or NotSupportedException or ArgumentException or OverflowException or IOException { HResult: not DiskFault };

    // EIO: the disk, not the file's content, is at fault.
    private const int DiskFault = 5;

    private static PlasticException Fault(string file, string name, string what, Exception? cause = null) =>
        new(ExitCode.BadData, $"{file}: {SafeText.Line(name.Length > 80 ? name[..80] : name)}: {what}", cause);
}
