using System.Globalization;
using System.Text;

namespace Plastic.Host;

/// <summary>
/// A state of training on the disk: checkpoints/step-N/ with the arrays as safetensors, the numbers as JSON, and a manifest of both
/// with their sizes and SHA-256. It appears as a whole or not at all; the last two are kept.
/// </summary>
internal static class Checkpoint
{
    private const int Kept = 2;
    private const string ManifestFile = "manifest.json";
    public const string LatestFile = "LATEST";
    private const string Prefix = "step-";

    /// <summary>Writes a state, and removes checkpoints that are older than the one before it.</summary>
    /// <param name="folder">The run's folder of checkpoints.</param>
    /// <param name="state">The state.</param>
    /// <param name="metricsBytes">The length of metrics.jsonl at this state.</param>
    /// <param name="before">Called directly before anything there is replaced or removed; what it throws leaves it as it is.</param>
    /// <exception cref="IOException">It cannot be written; the previous checkpoint still exists.</exception>
    public static void Write(string folder, TrainingState state, long metricsBytes, Action? before = null)
    {
        var name = NameOf(state.Step);
        var (place, temporary) = (Path.Combine(folder, name), Path.Combine(folder, $".{name}.tmp"));
        // The checkpoint that a run was resumed from exists already; it must not disappear even for a moment.
        if (Directory.Exists(place) && IsWhole(place)) return;
        try
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            Directory.CreateDirectory(temporary);
            Safetensors.WriteNew(Path.Combine(temporary, CheckpointManifest.ArraysFile), state.Tensors);
            AtomicFile.WriteThrough(
                Path.Combine(temporary, CheckpointManifest.NumbersFile), JsonText.Document(CheckpointNumbers.Of(state, metricsBytes)));
            AtomicFile.WriteThrough(Path.Combine(temporary, ManifestFile), JsonText.Document(CheckpointManifest.Of(temporary)));
            CLibrary.SyncFolder(temporary);
            before?.Invoke();
            if (Directory.Exists(place)) Directory.Delete(place, recursive: true);
            CLibrary.Rename(temporary, place);
            CLibrary.SyncFolder(folder);
        }
        catch
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            throw;
        }
        Acknowledge(folder, name, before);
        foreach (var old in All(folder).Skip(Kept))
        {
            before?.Invoke();
            Directory.Delete(old, recursive: true);
        }
    }

    /// <summary>Removes the checkpoints after that of a step.</summary>
    public static void RemoveAfter(string folder, int step)
    {
        var later = All(folder).TakeWhile(place => StepOf(place) > step).ToArray();
        if (later.Length == 0) return;
        Acknowledge(folder, NameOf(step));
        foreach (var place in later) Directory.Delete(place, recursive: true);
    }

    /// <summary>The step of the newest checkpoint, which is not read; 0 where there is none.</summary>
    public static int NewestStep(string folder) => All(folder).FirstOrDefault() is { } place ? StepOf(place) : 0;

    private static void Acknowledge(string folder, string name, Action? before = null) =>
        AtomicFile.Write(Path.Combine(folder, LatestFile), name + "\n", before);

    /// <summary>The newest whole checkpoint up to a step; null when there is none up to it.</summary>
    /// <param name="folder">The run's folder of checkpoints.</param>
    /// <param name="warn">Called with one line for every damaged checkpoint.</param>
    /// <param name="upTo">The step.</param>
    /// <exception cref="PlasticException">All of them are damaged, or one cannot be read.</exception>
    public static (TrainingState State, long MetricsBytes)? ReadNewest(
        string folder, Action<string> warn, int upTo = int.MaxValue)
    {
        PlasticException? last = null;
        foreach (var place in All(folder).Where(place => StepOf(place) <= upTo))
        {
            try
            {
                return Read(place);
            }
            catch (PlasticException fault) when (fault.Code is ExitCode.BadData or ExitCode.MissingInput)
            {
                warn($"{place} is damaged: {fault.Message}");
                last = fault;
            }
        }
        return last is null ? null : throw new PlasticException(
            ExitCode.BadData, $"no checkpoint in {folder} can be used; to start the run over, train it with --resume never", last);
    }

    /// <summary>Reads a checkpoint after checking every byte of it.</summary>
    /// <exception cref="PlasticException">It is damaged, or not a checkpoint.</exception>
    public static (TrainingState State, long MetricsBytes) Read(string place)
    {
        RequireWhole(place);
        var numbers = CheckpointNumbers.Read(Path.Combine(place, CheckpointManifest.NumbersFile));
        if (NameOf(numbers.Step) != Path.GetFileName(place))
        {
            throw new PlasticException(ExitCode.BadData, $"{place} holds step {numbers.Step}");
        }
        var arrays = Safetensors.Read(Path.Combine(place, CheckpointManifest.ArraysFile)).Tensors;
        return (numbers.State(arrays), numbers.MetricsBytes);
    }

    /// <summary>Refuses a checkpoint with a file that differs from what was written.</summary>
    private static void RequireWhole(string place)
    {
        var file = Path.Combine(place, ManifestFile);
        var found = CheckpointManifest.Of(place);
        var bytes = InputFile.Bytes(file);
        var manifest = JsonFile.Parse<CheckpointManifest>(file, bytes);
        Require(CheckpointManifest.ArraysFile, manifest.Arrays, found.Arrays);
        Require(CheckpointManifest.NumbersFile, manifest.Numbers, found.Numbers);
        // Another spelling of the same numbers is a changed file too.
        if (!bytes.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(JsonText.Document(found))))
        {
            throw JsonFile.Fault(file, "", "changed since it was written");
        }

        void Require(string name, FileEntry written, FileEntry there)
        {
            if (there.Bytes != written.Bytes) throw JsonFile.Fault(file, name, $"the file has {there.Bytes} bytes, not {written.Bytes}");
            if (there.Sha256 != written.Sha256) throw JsonFile.Fault(file, name, "the file has the wrong SHA-256");
        }
    }

    private static bool IsWhole(string place)
    {
        try
        {
            RequireWhole(place);
            return true;
        }
        catch (PlasticException fault) when (fault.Code is ExitCode.BadData or ExitCode.MissingInput)
        {
            return false;
        }
    }

    /// <summary>The folders of checkpoints, newest first.</summary>
    private static IEnumerable<string> All(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateDirectories(folder, $"{Prefix}*")
            .Where(place => Path.GetFileName(place)[Prefix.Length..] is { Length: 10 } number
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .OrderDescending(StringComparer.Ordinal).ToArray()
        : [];

    private static int StepOf(string place) => int.Parse(Path.GetFileName(place)[Prefix.Length..], CultureInfo.InvariantCulture);

    private static string NameOf(int step) => $"{Prefix}{step:D10}";
}
