using System.Text.Json.Nodes;
using Plastic.Core;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// `plastic train NAME`: every run of an experiment, in order, then its figures. Finished runs are not trained again.
/// </summary>
internal sealed class TrainCommand
{
    private readonly TrainRequest request;
    private readonly Output output;
    private readonly int threads;
    private readonly Dictionary<string, string> facts;
    private readonly IDisplay display;
    private readonly CancellationToken stop;

    private TrainCommand(TrainRequest request, IReadOnlyList<string> words, Output output, CancellationToken stop)
    {
        this.request = request;
        this.output = output;
        this.stop = stop;
        threads = request.Resources.ThreadCount();
        facts = new Dictionary<string, string>
        {
            ["command.txt"] = $"plastic {string.Join(' ', words.Select(Quoted))}\n",
            ["env.json"] = EnvironmentFacts.Json(threads),
            [RunDirectory.StatusFile] = new RunStatus(RunStatus.Running, 0).Json,
        };
        display = output is { MessagesTerminal: true, Quiet: false } ? new TerminalDisplay(output) : new PlainDisplay(output);
    }

    /// <param name="request">What to train.</param>
    /// <param name="words">The command line, for the record.</param>
    /// <param name="output">Where results and messages go.</param>
    public static ExitCode Run(TrainRequest request, IReadOnlyList<string> words, Output output)
    {
        if (request.DryRun) return DryRun.Run(request, output);
        using var interruption = new Interruption();
        try
        {
            return new TrainCommand(request, words, output, interruption.Token).RunAll();
        }
        catch (OperationCanceledException)
        {
            output.Message("stopped; the same command starts the unfinished run over");
            return interruption.Code;
        }
    }

    private ExitCode RunAll()
    {
        // All of this first: a conflict should not come up after hours of training.
        OutputFolder.RequireWritable(Path.Combine(RunDirectory.Root(request.Directory), request.Plan.Name));
        OutputFolder.RequireWritable(FiguresCommand.Folder(request.Directory, request.Plan));
        foreach (var run in request.Plan.Runs)
        {
            RunDirectory.Inspect(RunDirectory.PathOf(request.Directory, run), run);
            Trainer.RequireMemory(run, new PlasticNetwork(run.Network));
        }
        var outcomes = request.Plan.Runs.Select(One).ToArray();
        var failed = outcomes.Where(outcome => outcome.Failure is not null).ToArray();
        var failure = failed switch
        {
            [] => null,
            [var only] when outcomes.Length == 1 => only.Failure,
            _ => new Failure(
                failed.Length < outcomes.Length ? ExitCode.SomeFailed : ExitCode.Failed,
                $"{failed.Length} of {outcomes.Length} runs failed"),
        };
        IReadOnlyList<string> figures = [];
        try
        {
            if (failure is null) figures = Figures();
        }
        catch (PlasticException thrown)
        {
            // The runs are there all the same.
            failure = Failure.Of(thrown);
        }
        Report(outcomes, figures);
        if (failure is null) return ExitCode.Ok;
        output.Error(failure.Line);
        return failure.Code;
    }

    private void Report(RunOutcome[] outcomes, IReadOnlyList<string> figures)
    {
        var results = outcomes.Length == 1
            ? outcomes[0].Path
            : Path.Combine(RunDirectory.Root(request.Directory), request.Plan.Name);
        output.Document(new JsonObject
        {
            ["name"] = request.Plan.Name,
            ["runs"] = new JsonArray([.. outcomes.Select(outcome => outcome.Json)]),
            ["figures"] = new JsonArray([.. figures.Select(file => (JsonNode)file)]),
            ["results"] = results,
        });
        foreach (var outcome in outcomes) output.Result(outcome.Line);
        foreach (var file in figures) output.Result(file);
        output.Result(results);
    }

    private IReadOnlyList<string> Figures() =>
        FiguresCommand.Draw(request.Plan, request.Directory, allowMissing: false, Gnuplot.FindOrInstall, output);

    /// <summary>One run; whatever goes wrong with it is its outcome, and the others go on.</summary>
    private RunOutcome One(Run run)
    {
        var path = RunDirectory.PathOf(request.Directory, run);
        try
        {
            return TrainOnce(run, path);
        }
        catch (Exception thrown) when (thrown is not OperationCanceledException)
        {
            var failure = Failure.Of(thrown);
            if (request.Plan.Runs.Count > 1) output.Message($"{run.Title}: {failure.Line}");
            output.Detail(thrown.ToString());
            return new RunOutcome(run, path, null, failure, Trained: true);
        }
    }

    private RunOutcome TrainOnce(Run run, string path)
    {
        var presence = RunDirectory.Inspect(path, run);
        if (presence == RunPresence.Finished)
        {
            output.Message($"{run.Title}: finished earlier, not trained again");
            return RunOutcome.Earlier(run, path);
        }
        if (presence == RunPresence.Unfinished) output.Message($"{run.Title}: found unfinished, starting over");
        var network = new PlasticNetwork(run.Network);
        using var trainer = new Trainer(run, network, threads, request.Resources.History());
        using var directory = RunDirectory.Create(
            path, new Dictionary<string, string>(facts) { [RunDirectory.ConfigFile] = run.Json });
        using var recorder = new RunRecorder(directory, network.Parameters);
        try
        {
            RunResult? result = null;
            display.Follow(run, watcher => result = trainer.Run(new Watchers(recorder, watcher), stop));
            recorder.Finish(result!);
            return new RunOutcome(run, path, result, null, Trained: true);
        }
        catch (OperationCanceledException)
        {
            recorder.Stop(RunStatus.Interrupted, $"after the update of step {recorder.Step}");
            throw;
        }
        catch (Exception thrown)
        {
            recorder.Stop(RunStatus.Failed, Failure.Of(thrown).Line);
            throw;
        }
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_=./,:+".Contains(c))
            ? word
            : $"'{word.Replace("'", @"'\''")}'";
}
