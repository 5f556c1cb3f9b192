using System.Text.Json.Nodes;
using Plastic.Core;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>`plastic resume RUN`: goes on with an unfinished run from its newest checkpoint, whatever command began it.</summary>
internal static class ResumeCommand
{
    public static ExitCode Run(ResumeRequest request, Output output)
    {
        // By its own name, whatever way leads there: the lock beside it goes by that.
        var given = new DirectoryInfo(Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Run)));
        var path = given.Exists ? (given.ResolveLinkTarget(returnFinalTarget: true) ?? given).FullName : request.Run;
        var run = SavedRun.Read(path);
        Memory.Require(run.Title, Memory.OfTraining(
            run, new PlasticNetwork(run.Network), request.Resources.ThreadCount(), request.Resources.History()));
        var display = IDisplay.For(output);
        using var interruption = new Interruption();
        try
        {
            var work = new RunWork(
                request.Checkpoints, request.Resources.History(), request.Resources.ThreadCount(),
                new Dictionary<string, string>(), output, interruption.Token);
            RunOutcome? outcome = null;
            var sweep = new Sweep([run]);
            display.Show(sweep, () =>
            {
                sweep.Began();
                outcome = work.Train(run, path, () => new Watchers(display.Begin(run), sweep.Watcher(run)));
                sweep.Ended(run, hasFailed: false);
                display.End(run, outcome.Line, hasFailed: false);
            });
            if (!outcome!.Trained) output.Message($"{path} was finished earlier");
            output.Document(new JsonObject { ["runs"] = new JsonArray(outcome.Json) });
            output.Result(outcome.Line);
            output.Result(path);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException)
        {
            output.Message("stopped; the same command goes on from here");
            return interruption.Code;
        }
    }
}
