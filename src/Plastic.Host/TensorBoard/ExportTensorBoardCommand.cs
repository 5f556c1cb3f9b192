using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic export tensorboard NAME`: an event file for each run, in tensorboard/ beside runs/.</summary>
internal static class ExportTensorBoardCommand
{
    public static ExitCode Run(ExportTensorBoardRequest request, Output output)
    {
        var plan = request.Plan;
        var (files, live) = (new List<string>(), 0);
        foreach (var run in plan.Runs)
        {
            var path = RunDirectory.PathOf(request.Directory, run);
            if (!File.Exists(Path.Combine(path, RunDirectory.MetricsFile))) continue;
            if (RunDirectory.Difference(path, run) is { } difference) output.Warn($"{path} is left out: {difference}");
            else if (LiveEvents.IsWriting(RunEvents.FileOf(request.Directory, run)))
            {
                output.Warn($"{path} is left out: it trains with --tensorboard, which writes its event file");
                live++;
            }
            else files.Add(Write(request.Directory, run, path));
        }
        if (files.Count + live == 0)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"no runs of {plan.Name} in {RunDirectory.Root(request.Directory)}; train them first");
        }
        var folder = Path.Combine(RunEvents.Root(request.Directory), plan.Name);
        output.Document(new { Folder = folder, Files = files });
        output.Message($"event files of {files.Count} of {CountText.Of(plan.Runs.Count, "run")}; to look at them: tensorboard --logdir {folder}");
        output.Result(folder);
        return ExitCode.Ok;
    }

    /// <summary>Writes the event file of a run from its folder, as a whole.</summary>
    /// <param name="directory">The folder that holds runs/.</param>
    /// <param name="run">The run.</param>
    /// <param name="path">Its folder.</param>
    /// <exception cref="PlasticException">It cannot be written, or what the folder holds is wrong.</exception>
    public static string Write(string directory, Run run, string path)
    {
        var file = RunEvents.FileOf(directory, run);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            AtomicFile.Write(file, stream =>
            {
                foreach (var record in RunEvents.Of(run, path)) stream.Write(record);
            });
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"{file}: cannot be written: {Failure.OneLine(fault.Message)}", fault);
        }
        return file;
    }
}
