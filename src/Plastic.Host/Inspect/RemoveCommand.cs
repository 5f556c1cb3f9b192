using Plastic.CommandLine;

namespace Plastic.Host;

/// <summary>`plastic rm RUN…`: deletes the folders of runs, after showing what they are and how large.</summary>
internal static class RemoveCommand
{
    public static ExitCode Run(RemoveRequest request, Output output)
    {
        var runs = request.Targets.SelectMany(target => RunTargets.Of(target, request.Directory))
            .DistinctBy(Path.GetFullPath).Select(RunFacts.Of).ToArray();
        var running = runs.Where(run => run.Summary.IsTraining).ToArray();
        if (running.Length > 0)
        {
            throw new PlasticException(
                ExitCode.Exists, $"{running[0].Path} is being trained; nothing was deleted");
        }
        var what = $"{CountText.Of(runs.Length, "run")}, {SizeText.Of(runs.Sum(run => run.Bytes))}";
        if (!request.IsSure)
        {
            if (!output.CanAsk)
            {
                throw new PlasticException(ExitCode.Usage, $"rm would delete {what}; without a terminal to ask, it needs --yes");
            }
            foreach (var line in new RunList(runs).Lines(output.ResultsWidth)) output.Message(line);
            if (!output.Ask($"delete {what}?"))
            {
                output.Message("nothing was deleted");
                return ExitCode.Ok;
            }
        }
        foreach (var run in runs) Remove(run.Path);
        output.Document(new { Deleted = runs.Select(run => run.Path), Bytes = runs.Sum(run => run.Bytes) });
        output.Result($"deleted {what}");
        return ExitCode.Ok;
    }

    /// <summary>Deletes a run while no other process can start it, and the folder of its point if nothing is left there.</summary>
    private static void Remove(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Path.GetDirectoryName(full)!;
        using (RunClaim.Take(full))
        {
            // Under another name first, so that a run is there as a whole or not at all.
            var discarded = Path.Combine(parent, $".{Path.GetFileName(full)}.old.tmp");
            if (Directory.Exists(discarded)) Directory.Delete(discarded, recursive: true);
            Directory.Move(full, discarded);
            Directory.Delete(discarded, recursive: true);
            StopFile.Remove(full);
        }
        if (!Directory.EnumerateFileSystemEntries(parent).Any()) Directory.Delete(parent);
    }
}
