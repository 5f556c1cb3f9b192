using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The data of a run's task, which stay where the user has them: the run's data.json has their path and their SHA-256.</summary>
internal static class RunData
{
    /// <summary>The task of the data that a run was trained on.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="facts">Its data.json.</param>
    /// <param name="given">Where the data lie now; null for where they lay.</param>
    /// <exception cref="PlasticException">They are missing, or others.</exception>
    public static (Tasks.Task, CodeFile) Loaded(string path, TaskFacts facts, string? given)
    {
        var place = given ?? facts.Value;
        if (DataFile.HashOf(place) is not { } hash)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"{place}: no such file; {path} was trained on it: say where it lies now with data=FILE");
        }
        if (hash != facts.Sha256)
        {
            throw new PlasticException(
                ExitCode.Exists, $"{place} is not what {path} was trained on: its SHA-256 is {Short(hash)}, not {Short(facts.Sha256)}; restore the file, or say where it lies with data=FILE");
        }
        var (task, file) = DataFile.Read(place, hash).AsTask;
        return (task.Named(facts.Name), file);
    }

    /// <summary>Writes into a run's data.json where its data lie now, if that is elsewhere, so that later commands find them there.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="now">The data with which it was read.</param>
    /// <exception cref="PlasticException">Another process writes to the folder.</exception>
    public static void Remember(string path, CodeFile? now)
    {
        if (now is not { IsData: true }) return;
        var file = Path.Combine(path, RunCode.DataFile);
        if (JsonFile.Read<TaskFacts>(file).Value == now.Value) return;
        using var claim = RunClaim.Take(path);
        AtomicFile.Write(file, JsonText.Document(JsonFile.Read<TaskFacts>(file) with { File = now.Name, Value = now.Value }));
    }

    /// <summary>How the data that a run would be trained on differ from those of a folder, and what to do; null where they do not.</summary>
    public static string? Difference(string path, CodeFile? now, CodeFile? then) =>
        now is not { IsData: true } || then is not { IsData: true } || now.Hash == then.Hash
            ? null
            : $"{path} holds a run on {(now.Name == then.Name ? $"other data of the name {then.Name}" : then.Name)} (SHA-256 {Short(then.Hash)}, here {Short(now.Hash)}): "
                + "give these data to continue it; for a new run, rename the file, or choose another folder with --out";

    private static string Short(string hash) => hash[..Math.Min(12, hash.Length)] + "…";
}
