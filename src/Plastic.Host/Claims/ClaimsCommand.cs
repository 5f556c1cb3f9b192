using System.Collections.Concurrent;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic claims`: trains the runs that the papers' claims rest on, as far as they are missing, and says which claims hold.</summary>
internal sealed class ClaimsCommand
{
    private readonly ClaimsRequest request;
    private readonly Output output;
    private readonly string command;
    private readonly Interruption interruption;
    private readonly Networks networks = new();
    private readonly RunQueue queue;
    private readonly SameRuns same;
    private readonly ClaimRuns runs;
    private int stopped, elsewhere;

    private ClaimsCommand(ClaimsRequest request, IReadOnlyList<string> words, Output output, Interruption interruption)
    {
        (this.request, this.output, this.interruption) = (request, output, interruption);
        command = CommandText.Of(words);
        queue = new RunQueue(output, interruption.Token);
        same = new SameRuns(RunDirectory.Root(request.Directory));
        runs = new ClaimRuns(request.All, request.Claims);
    }

    /// <param name="request">What to test.</param>
    /// <param name="words">The command line, for the record.</param>
    /// <param name="output">Where results and messages go.</param>
    public static ExitCode Run(ClaimsRequest request, IReadOnlyList<string> words, Output output)
    {
        using var interruption = new Interruption();
        var command = new ClaimsCommand(request, words, output, interruption);
        try
        {
            return request.DryRun ? command.Estimate() : command.RunAll();
        }
        catch (OperationCanceledException)
        {
            if (command.queue.Unsaved is not { } failure)
            {
                output.Message(request.DryRun ? "stopped; nothing was trained" : "stopped; run the same command again to resume");
                return interruption.Code;
            }
            output.Error(failure);
            return failure.Code;
        }
    }

    private ExitCode Estimate()
    {
        foreach (var fault in runs.Faults) output.Warn(fault);
        var name = request.Claims.Count == 1 ? request.Claims[0].Claim.Name : $"{request.Claims.Count} claims";
        return new DryRun(name, [.. runs.Trained], isTest: false, request.Directory, request.Resources, request.Jobs).Run(output, interruption.Token);
    }

    private ExitCode RunAll()
    {
        ClaimsPage.Read(request.Directory);
        OutputFolder.RequireWritable(Path.Combine(".", request.Directory));
        OutputFolder.RequireWritable(RunDirectory.Root(request.Directory));
        if (OutputFolder.Unlocked(RunDirectory.Root(request.Directory)) is { } unlocked) output.Warn(unlocked);
        foreach (var fault in runs.Faults) output.Warn($"left out: {fault}");
        var failures = new List<Failure>();
        if (!request.NoTraining)
        {
            RunEach([.. runs.Trained], isTest: false, failures, share =>
                run => Work(share).Train(run, PathOf(run), () => queue.Watcher(run)));
        }
        Run[] tests = [.. runs.Tests.Where(test => RunDirectory.IsFinished(PathOf(runs.SourceOf(test)), runs.SourceOf(test)))];
        RunEach(tests, isTest: true, failures, share =>
            run => Work(share).Test(run, PathOf(run), runs.SourceOf(run), PathOf(runs.SourceOf(run))));
        var found = Found();
        output.Document(found);
        Show(found);
        if (request.OwnSeeds) Record(found);
        else output.Message("seeds were given, so claims.json, claims.md and the figures are as they were");
        if (failures.Count == 0 && stopped + elsewhere > 0)
        {
            if (stopped > 0) output.Message($"{CountText.Of(stopped, "run")} stopped by plastic stop; run the same command again to resume");
            if (elsewhere > 0) output.Message($"{CountText.Of(elsewhere, "run")} in the hands of another process; run the same command again when it has ended");
            return ExitCode.TryAgain;
        }
        if (failures.Count == 0) return ExitCode.Ok;
        var failure = failures.Count == 1 ? failures[0] : new Failure(ExitCode.SomeFailed, $"{failures.Count} runs failed, as said above");
        output.Error(failure);
        return failure.Code;
    }

    private void RunEach(
        IReadOnlyList<Run> all, bool isTest, List<Failure> failures, Func<MachineShare, Func<Run, RunOutcome>> work)
    {
        Run[] todo = [.. all.Where(run => RunDirectory.Inspect(PathOf(run), run) != RunPresence.Finished)];
        if (todo.Length == 0) return;
        output.Message($"{CountText.Of(todo.Length, "run")} to {(isTest ? "test" : "train")}, {all.Count - todo.Length} finished earlier");
        var share = new MachineShare(request.Resources, request.Jobs, todo, isTest, networks);
        share.RequireMemory();
        foreach (var run in todo) StopFile.Remove(PathOf(run));
        ConcurrentDictionary<Run, RunOutcome> outcomes = queue.Run(todo, share, int.MaxValue, PathOf, work(share));
        stopped += outcomes.Values.Count(outcome => outcome.IsStopped);
        // What another process trains at the same time, that one finishes; what it has finished by now is here.
        elsewhere += todo.Count(run => outcomes[run].Failure is { Code: ExitCode.Exists } && RunDirectory.Inspect(PathOf(run), run) != RunPresence.Finished);
        failures.AddRange(todo.Select(run => outcomes[run].Failure).OfType<Failure>().Where(failure => failure.Code != ExitCode.Exists));
    }

    private RunWork Work(MachineShare share) =>
        new(networks, request.Checkpoints, request.Resources, share.Threads, command, null, output, interruption.Token)
        {
            Same = same,
        };

    private string PathOf(Run run) => RunDirectory.PathOf(request.Directory, run);

    /// <summary>What was found of each claim, with its figure where one was drawn.</summary>
    private ClaimRecord[] Found()
    {
        var evidence = new ClaimEvidence(runs, request.Directory);
        var figures = request.OwnSeeds
            ? new ClaimFigures(runs, request.Directory, request.Resources.ThreadCount()).Draw(request.All, request.Claims)
            : new Dictionary<string, string>();
        return [.. request.Claims.Select(claim => ClaimRecord.Of(claim, evidence.Of(claim), figures.GetValueOrDefault(claim.Claim.Name)))];
    }

    /// <summary>The claims' own seeds are the record.</summary>
    private void Record(ClaimRecord[] found)
    {
        using var held = FolderLock.Take(Path.Combine(request.Directory, ClaimFigures.Folder), "claims", TimeSpan.FromMinutes(1));
        ClaimsPage.Write(request.Directory, found);
        output.Result(Path.Combine(request.Directory, ClaimsPage.PageName));
    }

    private void Show(ClaimRecord[] found)
    {
        string[][] rows =
        [
            ["claim", "effect", "95 % interval", "claimed", "n", "verdict", "figure"],
            .. found.Select(record => (string[])
                [record.Name, record.EffectText, record.IntervalText, record.Claimed, record.SeedsText, record.Verdict, record.Figure ?? ""]),
        ];
        foreach (var line in Columns.Lines(rows, [0, 1, 2, 4, 3, 0, 5], [false, true, true, true, true, false, false], output.ResultsWidth))
        {
            output.Result(line);
        }
        foreach (var record in found.Where(record => record.Why != "")) output.Message($"{record.Name} is undecided: {record.Why}");
        output.Message(ClaimsPage.Count(found));
    }
}
