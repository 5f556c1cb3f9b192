using System.Diagnostics;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic train NAME --dry-run`: what would be trained, how large it is, and how long it would take.</summary>
internal sealed class DryRun(TrainRequest request)
{
    private readonly Dictionary<string, (double Step, double Evaluation)> probed = [];
    private readonly Networks networks = new();

    public static ExitCode Run(TrainRequest request, Output output) => new DryRun(request).Run(output);

    private ExitCode Run(Output output)
    {
        var rows = new List<object>();
        var total = 0.0;
        var todo = request.Plan.Runs
            .Where(run => RunDirectory.InspectPlanned(PathOf(run), run) != RunPresence.Finished).ToHashSet();
        var share = new MachineShare(request, [.. todo], networks);
        share.RequireMemory();
        foreach (var run in request.Plan.Runs)
        {
            var path = PathOf(run);
            var isFinished = !todo.Contains(run);
            var network = networks.Of(run);
            var parameters = network.Parameters.Sum(p => (long)p.Size);
            var updates = request.Plan.IsTest ? 0 : run.Settings.MaxBatch + 1;
            var seconds = isFinished ? 0 : Seconds(run, network, updates);
            total += seconds;
            rows.Add(new
            {
                run.Point,
                run.Seed,
                Directory = path,
                run.Units,
                Parameters = parameters,
                Updates = updates,
                MemoryMb = isFinished ? (long?)null : Memory.Megabytes(share.BytesOf(run)),
                Finished = isFinished,
                Seconds = Math.Round(seconds, 1),
            });
            output.Result(
                $"{path}: {run.Units} units, {parameters} parameters, {CountText.Of(updates, "update")}, "
                + (isFinished
                    ? "finished earlier"
                    : $"{Memory.Megabytes(share.BytesOf(run))} MB, about {DurationText.Of(TimeSpan.FromSeconds(seconds))}"));
        }
        output.Document(new { request.Plan.Name, Runs = rows, Seconds = Math.Round(total, 1) });
        output.Result(
            $"{CountText.Of(request.Plan.Runs.Count, "run")} of {request.Plan.Name}, about "
            + $"{DurationText.Of(TimeSpan.FromSeconds(total))} one after the other on "
            + $"{CountText.Of(request.Resources.ThreadCount(), "thread")}; nothing was trained");
        return ExitCode.Ok;
    }

    private string PathOf(Run run) => RunDirectory.PathOf(request.Directory, run);

    /// <summary>Training with its validations, and the test.</summary>
    private double Seconds(Run run, PlasticNetwork network, int updates)
    {
        var s = run.Settings;
        var key = Key(run);
        if (!probed.TryGetValue(key, out var seconds)) probed[key] = seconds = Probe(run, network);
        var validations = updates == 0 ? 0 : (updates - 1) / s.ValidateEvery + 1;
        return updates * seconds.Step + ((double)validations * s.ValidationBatches + s.TestBatches + s.FreezeLast) * seconds.Evaluation;
    }

    /// <summary>All that the duration of a step depends on.</summary>
    private static string Key(Run run) =>
        $"{run.Settings.Task} {run.Settings.Cell} {run.Settings.Rule} {run.Network.Inputs} {run.Network.Outputs} {run.Network.Hidden} {run.Network.Extra} "
        + $"{run.Settings.Modulation} {run.Settings.LayerNorm} {run.Settings.Alpha} {run.RuleSwitches} "
        + $"{run.Settings.Biases} {run.Settings.Optimiser} {run.Settings.Batch} {run.Episodes.Steps}";

    /// <summary>A step and an evaluation, after one of each.</summary>
    private (double Step, double Evaluation) Probe(Run run, PlasticNetwork network)
    {
        using var crew = new Crew(request.Resources.ThreadCount());
        using var executor = new CpuExecutor(network.Program, crew, request.Resources.History());
        var batches = new BatchSource(run, crew);
        var learner = new Learner(
            executor, network.InitialValues(run.Seed), run.Settings.Optimiser(), run.Settings.MaxGradientNorm, crew);
        void Step(int number)
        {
            learner.Measure(batches.Train(number));
            learner.Update(run.Settings.LearningRate);
        }
        var evaluator = new Evaluator(run, executor, batches);
        var together = Memory.BatchesTogether(run);
        void Evaluate(int number) =>
            evaluator.Run(learner.Weights, batches.Validations(number, together), (_, _, _) => { }, CancellationToken.None);

        return (request.Plan.IsTest ? 0 : Time(Step), Time(Evaluate) / together);
    }

    /// <summary>The median of a few times, after a warm-up in which the runtime compiles the code.</summary>
    private static double Time(Action<int> work)
    {
        var number = 0;
        List<double> For(double seconds)
        {
            var clock = Stopwatch.StartNew();
            var times = new List<double>();
            do
            {
                var start = clock.Elapsed;
                work(number++);
                times.Add((clock.Elapsed - start).TotalSeconds);
            }
            while (clock.Elapsed.TotalSeconds < seconds);
            return times;
        }

        For(0.6);
        var measured = For(0.3);
        return measured.Order().ElementAt(measured.Count / 2);
    }
}
