using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>
/// A state of training on the disk: checkpoints/step-N/ with the arrays as safetensors, the numbers beside them, and last a
/// manifest of both with their sizes and SHA-256. It appears as a whole or not at all; the last two are kept.
/// </summary>
internal static class Checkpoint
{
    private const int Format = 1;
    private const int Kept = 2;
    private const string ArraysFile = "state.safetensors";
    private const string NumbersFile = "state.json";
    private const string ManifestFile = "manifest.json";
    private const string LatestFile = "LATEST";
    private const string Prefix = "step-";
    private static readonly string[] Described = [ArraysFile, NumbersFile];

    /// <summary>Writes a state, and removes checkpoints that are older than the one before it.</summary>
    /// <param name="folder">The run's folder of checkpoints.</param>
    /// <param name="state">The state.</param>
    /// <param name="metricsBytes">How long metrics.jsonl is at this state.</param>
    /// <exception cref="IOException">It cannot be written; the checkpoint before it is still there.</exception>
    public static void Write(string folder, TrainingState state, long metricsBytes)
    {
        var name = NameOf(state.Step);
        var (place, temporary) = (Path.Combine(folder, name), Path.Combine(folder, $".{name}.tmp"));
        // Where a run goes on from, its checkpoint is there already; it must not be gone for a moment.
        if (Directory.Exists(place) && IsWhole(place)) return;
        try
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            Directory.CreateDirectory(temporary);
            Safetensors.WriteNew(Path.Combine(temporary, ArraysFile), state.Tensors);
            AtomicFile.WriteThrough(Path.Combine(temporary, NumbersFile), Numbers(state, metricsBytes));
            AtomicFile.WriteThrough(
                Path.Combine(temporary, ManifestFile),
                Manifest(Described.Select(file => (file, FileEntry.Of(Path.Combine(temporary, file))))));
            CLibrary.SyncFolder(temporary);
            if (Directory.Exists(place)) Directory.Delete(place, recursive: true);
            CLibrary.Rename(temporary, place);
            CLibrary.SyncFolder(folder);
        }
        catch
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            throw;
        }
        Acknowledge(folder, name);
        foreach (var old in All(folder).Skip(Kept)) Directory.Delete(old, recursive: true);
    }

    /// <summary>Removes the checkpoints of steps after one that has a checkpoint.</summary>
    public static void RemoveAfter(string folder, int step)
    {
        var later = All(folder).TakeWhile(place => StepOf(place) > step).ToArray();
        if (later.Length == 0) return;
        Acknowledge(folder, NameOf(step));
        foreach (var place in later) Directory.Delete(place, recursive: true);
    }

    private static void Acknowledge(string folder, string name) => AtomicFile.Write(Path.Combine(folder, LatestFile), name + "\n");

    /// <summary>The newest state that is whole, up to a step; null when there is no checkpoint of it or before.</summary>
    /// <param name="folder">The run's folder of checkpoints.</param>
    /// <param name="warn">Told of every checkpoint that is damaged, on one line.</param>
    /// <param name="upTo">The step.</param>
    /// <exception cref="PlasticException">There are such checkpoints, and none is whole, or one cannot be read.</exception>
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
            ExitCode.BadData, $"no checkpoint in {folder} can be used; --resume never starts the run over", last);
    }

    /// <summary>Reads a checkpoint, every bit of it accounted for.</summary>
    /// <exception cref="PlasticException">It is damaged, or no checkpoint.</exception>
    public static (TrainingState State, long MetricsBytes) Read(string place)
    {
        RequireWhole(place);
        var (state, metricsBytes) = ReadNumbers(Path.Combine(place, NumbersFile));
        if (NameOf(state.Step) != Path.GetFileName(place))
        {
            throw new PlasticException(ExitCode.BadData, $"{place} holds step {state.Step}");
        }
        return (state with { Tensors = Safetensors.Read(Path.Combine(place, ArraysFile)).Tensors }, metricsBytes);
    }

    /// <summary>Refuses a checkpoint of which any file is not as it was written.</summary>
    private static void RequireWhole(string place)
    {
        var file = Path.Combine(place, ManifestFile);
        var entries = Described.Select(name => (Name: name, Found: FileEntry.Of(Path.Combine(place, name)))).ToArray();
        var text = JsonReading.File(file, manifest =>
        {
            manifest.Only(Described);
            foreach (var (name, found) in entries)
            {
                var entry = manifest.Member(name);
                entry.Only("bytes", "sha256");
                if (found.Bytes != entry.Member("bytes").Long()) throw entry.Fault($"{name} has {found.Bytes} bytes");
                if (found.Hash != entry.Member("sha256").Text()) throw entry.Fault($"{name} has another SHA-256");
            }
            return Manifest(entries);
        });
        // Whoever reads it must find the very bytes; another spelling of the same is a changed file.
        if (!JsonReading.Bytes(file).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text)))
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: not as it was written");
        }
    }

    /// <summary>Reads a checkpoint's numbers alone.</summary>
    /// <exception cref="PlasticException">They are not of this format.</exception>
    public static (TrainingState State, long MetricsBytes) ReadNumbers(string file) => JsonReading.File(file, json =>
    {
        if (json.Member("format").Whole(0, int.MaxValue) is var format && format != Format)
        {
            throw json.Fault($"format {format} is of another version; {Format} is read");
        }
        json.Only(
            "format", "step", "best_step", "best_loss", "loss_sum", "norm_sum", "summed", "optimiser_steps", "metrics_bytes");
        var best = json.Member("best_loss");
        var state = new TrainingState(
            json.Member("step").Whole(0, int.MaxValue),
            json.Member("best_step").Whole(0, int.MaxValue),
            best.IsNull ? double.PositiveInfinity : best.Number(),
            json.Member("loss_sum").Number(),
            json.Member("norm_sum").Number(),
            json.Member("summed").Whole(0, int.MaxValue),
            json.Member("optimiser_steps").Whole(0, int.MaxValue),
            []);
        return (state, json.Member("metrics_bytes").Long());
    });

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

    /// <summary>Folders of checkpoints, the newest first.</summary>
    private static IEnumerable<string> All(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateDirectories(folder, $"{Prefix}*")
            .Where(place => Path.GetFileName(place)[Prefix.Length..] is { Length: 10 } number
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .OrderDescending(StringComparer.Ordinal).ToArray()
        : [];

    private static string Numbers(TrainingState state, long metricsBytes) => JsonText.Document(new JsonObject
    {
        ["format"] = Format,
        ["step"] = state.Step,
        ["best_step"] = state.BestStep,
        ["best_loss"] = double.IsFinite(state.BestLoss) ? state.BestLoss : null,
        ["loss_sum"] = state.LossSum,
        ["norm_sum"] = state.NormSum,
        ["summed"] = state.Summed,
        ["optimiser_steps"] = state.OptimiserSteps,
        ["metrics_bytes"] = metricsBytes,
    });

    private static string Manifest(IEnumerable<(string Name, FileEntry Entry)> entries) => JsonText.Document(
        new JsonObject(entries.Select(file => KeyValuePair.Create(
            file.Name, (JsonNode?)new JsonObject { ["bytes"] = file.Entry.Bytes, ["sha256"] = file.Entry.Hash }))));

    private static int StepOf(string place) => int.Parse(Path.GetFileName(place)[Prefix.Length..], CultureInfo.InvariantCulture);

    private static string NameOf(int step) => $"{Prefix}{step:D10}";

    /// <summary>What a manifest says of a file.</summary>
    private readonly record struct FileEntry(long Bytes, string Hash)
    {
        public static FileEntry Of(string file) => JsonReading.Open(
            file, stream => new FileEntry(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream))));
    }
}
