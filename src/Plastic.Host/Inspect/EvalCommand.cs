using Plastic.CommandLine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>`plastic eval RUN`: tests a trained network, also with other settings of its task.</summary>
internal static class EvalCommand
{
    public static ExitCode Run(EvalRequest request, Output output)
    {
        if (!RunDirectory.IsFinished(request.Run))
        {
            throw new PlasticException(ExitCode.MissingInput, LostFiles.Of(request.Run) is { } lost
                ? $"{request.Run}: {lost.Advice}"
                : $"{request.Run} is not a finished run (plastic list runs)");
        }
        var trained = SavedRun.ReadToRun(request.Run, request.Reading);
        var run = request.Under(trained, out var fault) ?? throw new PlasticException(ExitCode.Usage, fault);
        var network = trained.CreateNetwork();
        if (run.Network.Inputs != trained.Network.Inputs || run.Network.Outputs != trained.Network.Outputs)
        {
            throw new PlasticException(
                ExitCode.Configuration,
                $"with these settings the task has {run.Network.Inputs} inputs, but the network was trained with {trained.Network.Inputs}");
        }
        Memory.Require(
            request.Run,
            Memory.OfTesting(run, network, request.Resources.ThreadCount(), request.Resources.History(), request.Resources.IsOnDevice()),
            "fewer --threads");
        var weights = TrainedNetwork.BestWeights(request.Run, network);
        using var interruption = new Interruption();
        using var device = request.Resources.Open();
        request.Resources.WarnOf(device?.Facts, output);
        Evaluation result;
        try
        {
            result = Evaluation.Of(
                run, network, weights, request.Resources.ThreadCount(), request.Resources.History(), device, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            return interruption.Code;
        }
        var changed = SettingsChanges.Between(trained.Settings, run.Settings).ToArray();
        var batches = run.Episodes.Batches(Part.Test, run.Settings.Batch, run.Settings.TestBatches);
        var under = changed.Length == 0
            ? "as trained"
            : string.Join(", ", changed.Select(setting => $"{setting.Key}={setting.After}"));
        var over = $"over {batches} {(batches == 1 ? "batch" : "batches")}";
        output.Result($"{request.Run}, {under}: " + (run.Task.Measure is { Decides: true } measure
            ? $"test {MeasureText.Of(measure, result.Measure!.Value.Value, result.Measure.Value.StandardError)} {over}; "
                + $"test loss {LossText.Of(result.Loss)} (chance {LossText.Of(run.Chance)})"
            : $"test loss {LossText.Of(result.Loss, result.StandardError)} {over}"
                + (result.Measure is { } other ? $", {run.Task.Measure.Name} {LossText.Of(other.Value)}" : "")
                + $"; chance {LossText.Of(run.Chance)}"));
        output.Document(new
        {
            Directory = request.Run,
            Changed = changed.ToDictionary(setting => setting.Key, setting => setting.After),
            result.Loss,
            result.StandardError,
            Measure = result.Measure?.Value,
            MeasureStandardError = result.Measure?.StandardError,
            Batches = batches,
            run.Chance,
            EtaMean = result.Rates?.Mean,
        });
        return ExitCode.Ok;
    }
}
