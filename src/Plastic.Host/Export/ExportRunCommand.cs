using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// `plastic export RUN -o FILE`: test episodes of a trained network with everything that is to be seen of them, and its weights, for
/// other programs. The same run gives the same bytes.
/// </summary>
internal static class ExportRunCommand
{
    private const int MostSteps = 40;

    public static ExitCode Run(ExportRunRequest request, Output output)
    {
        if (TestResults.Read(request.Run) is not { } tested) throw NoRun(request.Run);
        var run = SavedRun.ReadToRun(request.Run, request.Reading);
        var network = run.CreateNetwork();
        var layers = Layers(network, request.Choice.Layers);
        var at = Steps(run.Episodes, request.Choice);
        var threads = request.Resources.ThreadCount();
        var episodes = Math.Min(
            request.Choice.Episodes, run.Episodes.Count(Part.Test, run.Settings.Batch, run.Settings.TestBatches));
        var (largest, all) = EpisodeExport.Bytes(run, network, (int)episodes, layers, at);
        if (largest > Array.MaxLength)
        {
            throw new PlasticException(ExitCode.Configuration, $"an array would hold {largest} bytes: choose fewer --episodes, --steps or --layers");
        }
        Memory.Require(
            request.Run, all + Memory.OfLooking(run, network, threads, request.Resources.History()), "fewer --episodes, --steps or --layers");
        var weights = TrainedNetwork.BestWeights(request.Run, network);
        OutputFolder.RequireNew(request.File);
        using var interruption = new Interruption();
        EpisodeExport export;
        try
        {
            export = EpisodeExport.Of(run, network, weights, (int)episodes, layers, at, threads, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            return interruption.Code;
        }
        ExportedArray[] arrays = [.. export.Arrays(weights)];
        Write(request.File, arrays, ExportedRun.Of(run, tested.BestStep));
        output.Document(new
        {
            request.File,
            Arrays = arrays.Select(array => new { array.Tensor.Name, array.Tensor.Shape, array.Axes }),
        });
        output.Message($"{CountText.Of(export.Episodes, "test episode")} of {request.Run}");
        output.Result(request.File);
        return ExitCode.Ok;
    }

    private static PlasticException NoRun(string path)
    {
        var runs = RunFolders.Under(path);
        return new(
            ExitCode.MissingInput,
            runs.Count == 0 || runs[0] == path
                ? $"{path} is not a finished run (plastic list runs)"
                : $"{path} holds {CountText.Of(runs.Count, "run")}, and an export holds one: give the folder of one, such as {runs[0]}");
    }

    private static void Write(string file, ExportedArray[] arrays, ExportedRun run)
    {
        var identity = JsonText.Line(run);
        var tensors = arrays.Select(array => array.Tensor);
        switch (Path.GetExtension(file).ToLowerInvariant())
        {
            case ".npz":
                Npz.Write(file, tensors, [("axes", [.. arrays.Select(array => array.Description)]), ("run", [identity])]);
                break;
            case ".safetensors":
                var metadata = arrays.ToDictionary(array => array.Tensor.Name, array => string.Join(", ", array.Axes));
                metadata.Add("run", identity);
                Safetensors.Write(file, tensors, metadata);
                break;
            default:
                EpisodeTable.Write(file, arrays, run);
                break;
        }
    }

    private static Matrix[] Layers(PlasticNetwork network, IReadOnlyList<string>? names)
    {
        if (names is null) return [.. network.PlasticSynapses];
        return [.. names.Distinct().Select(name => network.PlasticSynapses.FirstOrDefault(layer => layer.Name == name) ?? throw new PlasticException(
            ExitCode.Usage,
            network.PlasticSynapses.Count == 0
                ? "--layers: this network has no fast weights"
                : $"--layers: no layer with fast weights is called {SafeText.Line(name)}; there are {string.Join(", ", network.PlasticSynapses.Select(layer => layer.Name))}"))];
    }

    private static int[] Steps(Episodes episodes, ExportChoice choice)
    {
        if (choice.Steps is not { } chosen) return EpisodeSteps.Spaced(episodes.Steps, choice.EveryStep ? episodes.Steps : MostSteps);
        return chosen[^1] <= episodes.Steps
            ? [.. chosen]
            : throw new PlasticException(ExitCode.Usage, $"--steps: there is no step {chosen[^1]}; an episode has {CountText.Of(episodes.Steps, "step")}");
    }
}
