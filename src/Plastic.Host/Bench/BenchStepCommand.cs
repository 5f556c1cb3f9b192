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
        request.Resources.WarnOf(timer.Device, output);
        var times = timer.Time(request.Repeat);
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
            Device = timer.Device is { } device ? $"{device.Name} ({device.Model})" : null,
            Processor = EnvironmentFacts.MachineProcessor,
            VectorBits = EnvironmentFacts.MachineVectorBits,
            request.Repeat,
            SecondsPerStep = Math.Round(times.Median, 7),
            SecondsFastest = Math.Round(times.Fastest, 7),
            ProcessorSecondsPerStep = Math.Round(times.ProcessorMedian, 7),
            ProcessorSecondsFastest = Math.Round(times.ProcessorFastest, 7),
            PeakRssMb = peak,
        });
        output.Result(string.Create(CultureInfo.InvariantCulture,
            $"{cell} {options.Rule.Name}, {options.Units} units, {request.Workload.Steps} steps, batch {options.Batch}, "
            + $"{(timer.Device is { } on ? $"{on.Name} ({on.Model})" : $"{timer.Threads} threads")}: {times.Median * 1000:0.00} ms per training step (fastest {times.Fastest * 1000:0.00}; processor time {times.ProcessorMedian * 1000:0.00}), peak {peak} MB"));
        return ExitCode.Ok;
    }
}
