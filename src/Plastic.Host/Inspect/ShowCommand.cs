using System.Globalization;
using System.Text.Json.Nodes;
using Plastic.CommandLine;

namespace Plastic.Host;

/// <summary>`plastic show RUN`: a run's settings, its progress and its results.</summary>
internal static class ShowCommand
{
    public static ExitCode Run(ShowRequest request, Output output)
    {
        if (!File.Exists(Path.Combine(request.Run, RunDirectory.ConfigFile)) && RunFolders.Under(request.Run) is { Count: > 0 } runs)
        {
            return Several(runs, output);
        }
        var run = SavedRun.Read(request.Run);
        var values = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(request.Run, RunDirectory.ConfigFile)))!;
        var summary = RunSummary.Of(request.Run);
        var losses = LoggedLosses.Validation(Path.Combine(request.Run, RunDirectory.MetricsFile));

        output.Result($"{request.Run}: {summary.Line}");
        output.Result(string.Create(CultureInfo.InvariantCulture, $"chance: {run.Chance:F4} ({run.Task.Floor})"));
        if (TestResults.Read(request.Run) is { } result)
        {
            if (result.TestMeasure is { } value)
            {
                output.Result(run.Task.Measure is { Decides: true } measure ? MeasureText.Of(measure, result) : $"{run.Task.Measure.Name}: {LossText.Of(value)}");
            }
            if (result.Frozen is { } frozen)
            {
                output.Result(
                    $"last {frozen.Batches} batches, without training: mean loss {LossText.Of(frozen.Loss)}, "
                    + $"median {LossText.Of(frozen.Median)}");
            }
        }
        var devices = RunDevices.Of(request.Run);
        if (devices.Any(device => device != RunDevices.Cpu)) output.Result($"trained on: {string.Join(", then ", devices)}");
        if (LostFiles.Of(request.Run) is { } lost) output.Result(lost.Advice);
        if (summary.Status?.Message is { } message) output.Result($"message: {message}");
        foreach (var (key, value) in values) output.Result($"{key} = {Text(value)}");
        foreach (var (step, loss) in losses.OrderBy(pair => pair.Key))
        {
            output.Result(string.Create(CultureInfo.InvariantCulture, $"step {step}: validation loss {loss:F5}"));
        }
        foreach (var code in RunCode.Untrusted(request.Run, run))
        {
            output.Message($"{code} has not been used on this machine and was not run: read it, then eval, resume and export run it with --trust");
        }
        output.Document(new
        {
            Directory = request.Run,
            summary.State,
            summary.Status?.Step,
            run.Chance,
            Devices = devices,
            Settings = values,
            summary.Test,
            Validation = losses.OrderBy(pair => pair.Key).Select(pair => new { Step = pair.Key, Loss = pair.Value }),
        });
        return ExitCode.Ok;
    }

    /// <summary>The runs of a point or of an experiment.</summary>
    private static ExitCode Several(IReadOnlyList<string> runs, Output output)
    {
        var list = new RunList([.. runs.Select(RunFacts.Of)]);
        foreach (var line in list.Lines(output.ResultsWidth)) output.Result(line);
        output.Document(new { Runs = list.Facts() });
        list.SayUntrusted(output);
        return ExitCode.Ok;
    }

    private static string Text(JsonNode? value) => value is null ? "none" : value.ToString();
}
