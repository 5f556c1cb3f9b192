using System.Security.Cryptography;
using System.Text;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>The task of a data file, with what identifies the file.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Path">Its full path.</param>
/// <param name="Sha256">Its SHA-256; of a folder, that of its files' names and hashes; of an image set, what identifies it.</param>
/// <param name="Task">The task.</param>
internal sealed record DataFile(string Name, string Path, string Sha256, Tasks.Task Task)
{
    /// <summary>The task with where it comes from.</summary>
    public (Tasks.Task, CodeFile) AsTask => (Task, CodeFile.OfData(Name, Path, Sha256));

    private static readonly string[] Parts = ["train", "validation", "test"];
    private static readonly string[] Formats = [".npz", ".safetensors", ".csv"];

    /// <summary>Reads a data set: the folder of an image set, an .npz, .safetensors or .csv file, or a folder with an .npy file for each array or a file for each part.</summary>
    /// <exception cref="PlasticException">It is missing, cannot be read, or holds no data set.</exception>
    public static DataFile Read(string path) => Read(path, HashOf(path) ?? "");

    /// <summary>The same, where its SHA-256 is known.</summary>
    /// <exception cref="PlasticException">It is missing, cannot be read, or holds no data set.</exception>
    public static DataFile Read(string path, string hash)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        var name = System.IO.Path.GetFileName(full);
        if (ImageTask.IsSet(full))
        {
            var (task, file) = ImageTask.Of(full);
            return new DataFile(file.Name, file.Value, file.Hash, task);
        }
        try
        {
            var arrays = Directory.Exists(full) ? OfFolder(path) : Arrays(path);
            return new DataFile(name, full, hash, DataSet.Task(name, arrays));
        }
        catch (Exception fault) when (fault is DataException or FormatException)
        {
            throw new PlasticException(ExitCode.BadData, $"{path}: {Failure.OneLine(fault.Message)}", fault);
        }
    }

    /// <summary>The SHA-256 of what lies at a path now; null if nothing does. Whether the images of a set have theirs is looked at when it is read.</summary>
    /// <exception cref="PlasticException">It cannot be read.</exception>
    public static string? HashOf(string path) =>
        ImageTask.IsSet(path) ? ImageSetFacts.Read(path).Identity : Directory.Exists(path) ? OfFiles(FilesOf(path)) : File.Exists(path) ? Hash(path) : null;

    private static IReadOnlyList<DataArray> Arrays(string file) => Extension(file) switch
    {
        ".npz" => [.. Npz.Read(file).Select(Array)],
        ".safetensors" => [.. Safetensors.Read(file).Tensors.Select(Array)],
        ".csv" => InputFile.Open(file, stream => WithPlace(file, () => DataCsv.Read(stream, Memory.Available))),
        ".npy" => [Array(Npy(file))],
        _ => throw new PlasticException(
            ExitCode.BadData, $"{file}: not a data file: its name must end in {string.Join(", ", Formats)}, or it is a folder of them or of .npy files"),
    };

    private static NamedTensor Npy(string file) => InputFile.Open(file, stream => WithPlace(
        file, () => Host.Npy.Read(System.IO.Path.GetFileNameWithoutExtension(file), stream, stream.Length)));

    private static T WithPlace<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is FormatException or EndOfStreamException)
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: {Failure.OneLine(fault.Message)}", fault);
        }
    }

    private static DataArray Array(NamedTensor tensor) => new(tensor.Name, [.. tensor.Shape], tensor.Data, tensor.IsWhole);

    private static IReadOnlyList<DataArray> OfFolder(string folder)
    {
        var files = FilesOf(folder);
        return files.All(file => Extension(file) == ".npy")
            ? [.. files.SelectMany(Arrays)]
            : [.. files.SelectMany(file => Arrays(file).Select(array =>
                new DataArray($"{System.IO.Path.GetFileNameWithoutExtension(file)}_{array.Name}", array.Shape, array.Numbers, array.IsWhole)))];
    }

    /// <summary>The files of a folder of .npy arrays, or of parts.</summary>
    private static string[] FilesOf(string folder)
    {
        var files = Directory.GetFiles(folder).Where(file => Extension(file) is ".npy" or ".npz" or ".safetensors" or ".csv")
            .Order(StringComparer.Ordinal).ToArray();
        var arrays = files.Count(file => Extension(file) == ".npy");
        var parts = Parts.Count(part => files.Count(file => System.IO.Path.GetFileNameWithoutExtension(file) == part) == 1);
        return arrays == files.Length && arrays > 0 || (arrays == 0 && files.Length == Parts.Length && parts == Parts.Length)
            ? files
            : throw new PlasticException(
                ExitCode.BadData,
                $"{folder}: not a data set: a folder has an .npy file for each array (inputs.npy, targets.npy), or one file for each of train, validation and test ({string.Join(", ", Formats)})");
    }

    private static string OfFiles(string[] files)
    {
        var lines = files.Select(file => $"{System.IO.Path.GetFileName(file)} {Hash(file)}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    private static string Hash(string file)
    {
        InputFile.RequireFile(file);
        return InputFile.Open(file, stream => Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private static string Extension(string file) => System.IO.Path.GetExtension(file).ToLowerInvariant();
}
