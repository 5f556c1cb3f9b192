using System.Diagnostics;
using System.Globalization;
using Plastic.CommandLine;

namespace Plastic.Host;

/// <summary>`plastic bench step`: how long a training step takes, with the JSON keys of bench/peer/pytorch_step.py.</summary>
internal static class BenchStepCommand
{
    public static ExitCode Run(BenchStepRequest request, Output output)
    {
        var options = request.Workload.Network;
        var cell = options.Cell.Name;
        using var timer = new StepTimer(request.Workload, request.Resources);
        var (seconds, fastest) = timer.Time(request.Repeat);
        using var self = Process.GetCurrentProcess();
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
            VectorBits = EnvironmentFacts.MachineVectorBits,
            request.Repeat,
            SecondsPerStep = Math.Round(seconds, 7),
            SecondsFastest = Math.Round(fastest, 7),
            PeakRssMb = peak,
        });
        output.Result(string.Create(CultureInfo.InvariantCulture,
            $"{cell} {options.Rule.Name}, {options.Units} units, {request.Workload.Steps} steps, batch {options.Batch}, "
            + $"{timer.Threads} threads: {seconds * 1000:0.00} ms per training step (fastest {fastest * 1000:0.00}), peak {peak} MB"));
        return ExitCode.Ok;
    }
}
