using System.Diagnostics;
using System.Globalization;
using Plastic.CommandLine;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>`plastic bench step`: how long a training step takes, with the JSON keys of bench/peer/pytorch_step.py.</summary>
internal static class BenchStepCommand
{
    public static ExitCode Run(BenchStepRequest request, Output output, Team team)
    {
        var options = request.Workload.Network;
        var cell = options.Cell.Name;
        using var timer = new StepTimer(request.Workload, request.Resources, team);
        request.Resources.WarnOf(timer.Device, output);
        var times = timer.Time(request.Repeat);
        using var self = Process.GetCurrentProcess();
        double? Exchange(double seconds) => team.Count == 1 ? null : Math.Round(seconds, 7);
        var peak = self.PeakWorkingSet64 >> 20;
        output.Line(new
        {
            Plastic = ProgramVersion.Text,
            Cell = cell,
            Rule = options.Rule.Name,
            options.Hidden,
            options.Inputs,
            options.Extra,
            request.Workload.Steps,
            options.Batch,
            timer.Threads,
            Ranks = team.Count,
            Device = timer.Device is { } device ? $"{device.Name} ({device.Model})" : null,
            Processor = EnvironmentFacts.MachineProcessor,
            VectorBits = EnvironmentFacts.MachineVectorBits,
            request.Repeat,
            SecondsPerStep = Math.Round(times.Median, 7),
            SecondsFastest = Math.Round(times.Fastest, 7),
            ProcessorSecondsPerStep = Math.Round(times.ProcessorMedian, 7),
            ProcessorSecondsFastest = Math.Round(times.ProcessorFastest, 7),
            ExchangeSecondsPerStep = Exchange(timer.Exchanges.Median),
            ExchangeSecondsFastest = Exchange(timer.Exchanges.Fastest),
            timer.ExchangedBytes,
            PeakRssMb = peak,
        });
        output.Result(string.Create(CultureInfo.InvariantCulture,
            $"{cell} {options.Rule.Name}, {options.Units} units, {request.Workload.Steps} steps, batch {options.Batch}, "
            + $"{(timer.Device is { } on ? $"{on.Name} ({on.Model})" : $"{timer.Threads} threads")}: {times.Median * 1000:0.00} ms per training step (fastest {times.Fastest * 1000:0.00}; processor time {times.ProcessorMedian * 1000:0.00}){Shared(timer, team)}, peak {peak} MB"));
        return ExitCode.Ok;
    }

    private static string Shared(StepTimer timer, Team team) => team.Count == 1
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $" on each of {team.Count} ranks, of which {timer.Exchanges.Median * 1000:0.00} in exchanges (fastest {timer.Exchanges.Fastest * 1000:0.00})");
}
