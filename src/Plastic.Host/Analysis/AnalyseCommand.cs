using Plastic.CommandLine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// `plastic analyse RUN`: what a trained network's plasticity does in test episodes, as figures, one .npz file with all numbers, and a
/// table. The same run gives the same bytes. They replace those of an earlier analysis.
/// </summary>
internal static class AnalyseCommand
{
    private const string DefaultFolder = "analysis", ArrayFile = "analysis.npz";

    public static ExitCode Run(AnalyseRequest request, Output output)
    {
        if (TestResults.Read(request.Run) is not { } tested) throw NoRun(request.Run);
        var run = SavedRun.ReadToRun(request.Run, request.Reading);
        var network = run.CreateNetwork();
        if (network.PlasticSynapses.Count == 0)
        {
            throw new PlasticException(
                ExitCode.Configuration, $"{request.Run}: a network without plasticity (rule={run.Settings.Rule}) has no fast weights to analyse");
        }
        var threads = request.Resources.ThreadCount();
        var episodes = (int)Math.Min(request.Episodes, run.Episodes.Count(Part.Test, run.Settings.Batch, run.Settings.TestBatches));
        var (largest, all) = Analysis.Bytes(run, network, episodes, threads, request.Resources.History());
        if (largest > Array.MaxLength)
        {
            throw new PlasticException(ExitCode.Configuration, $"an array would hold {largest} bytes: choose fewer --episodes");
        }
        Memory.Require(request.Run, all, "fewer --episodes or --threads");
        var weights = TrainedNetwork.BestWeights(request.Run, network);
        var folder = request.Folder.Length > 0 ? request.Folder : Path.Combine(DefaultFolder, run.Directory);
        OutputFolder.RequireWritable(folder);
        using var interruption = new Interruption();
        Analysis analysis;
        try
        {
            analysis = Analysis.Of(run, network, weights, episodes, threads, request.Resources.History(), interruption.Token);
        }
        catch (OperationCanceledException)
        {
            return interruption.Code;
        }
        var files = Write(analysis, folder, ExportedRun.Of(run, tested.BestStep));
        var table = new AnalysisTable(analysis);
        output.Message($"{CountText.Of(analysis.Episodes.Count, "test episode")} of {request.Run}; ± is 1.96 standard errors");
        foreach (var line in table.Lines(output.ResultsWidth)) output.Result(line);
        output.Document(table.Document(files));
        output.Result(folder);
        return ExitCode.Ok;
    }

    private static IReadOnlyList<string> Write(Analysis analysis, string folder, ExportedRun run) => FigureFiles.Writing(folder, () =>
    {
        var arrays = Path.Combine(folder, ArrayFile);
        new AnalysisArrays(analysis).Write(arrays, run);
        return [arrays, .. FigureFiles.Write(folder, [.. AnalysisFigures.Of(analysis)])];
    });

    private static PlasticException NoRun(string path)
    {
        var runs = RunFolders.Under(path);
        return new(
            ExitCode.MissingInput,
            LostFiles.Of(path) is { } lost ? $"{path}: {lost.Advice}"
            : runs.Count == 0 || runs[0] == path ? $"{path} is not a finished run (plastic list runs)"
            : $"{path} holds {CountText.Of(runs.Count, "run")}, and an analysis is of one: give the folder of one, such as {runs[0]}");
    }
}
