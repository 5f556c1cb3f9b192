using System.Diagnostics;
using System.Globalization;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// `plastic bench encoder`: how long an image encoder takes for a batch, forward and backward, with the JSON keys of
/// bench/peer/pytorch_encoder.py; its share of what the machine's arithmetic allows; and its memory, as predicted and as it came.
/// </summary>
internal static class BenchEncoderCommand
{
    public static ExitCode Run(BenchEncoderRequest request, Output output)
    {
        var encoder = new Encoder(request.Encoder);
        using var timer = new EncoderTimer(encoder, request.Images, request.Steps, request.Resources.ThreadCount());
        var (forward, backward, whole) = timer.Time(request.Repeat);
        using var self = Process.GetCurrentProcess();
        // Before the limits are measured, which takes memory too.
        var peak = self.PeakWorkingSet64 >> 20;
        var limit = MachineLimits.Measure(timer.Crew).FlopsPerSecond;
        var costs = new EncoderCosts(encoder);
        var count = (double)request.Images * request.Steps;
        var kind = request.Encoder.Kind.Name;
        Part[] parts =
        [
            new("forward", forward, count * costs.Forward),
            new("backward", backward, count * costs.Backward),
            new("whole", whole, count * (costs.Forward + costs.Backward)),
        ];
        output.Line(new
        {
            Plastic = ProgramVersion.Text,
            Encoder = kind,
            request.Encoder.Widths,
            request.Encoder.Side,
            request.Images,
            request.Steps,
            timer.Threads,
            Processor = EnvironmentFacts.MachineProcessor,
            VectorBits = EnvironmentFacts.MachineVectorBits,
            request.Repeat,
            SecondsPerStep = Math.Round(whole.Median, 7),
            SecondsFastest = Math.Round(whole.Fastest, 7),
            ProcessorSecondsPerStep = Math.Round(whole.ProcessorMedian, 7),
            ProcessorSecondsFastest = Math.Round(whole.ProcessorFastest, 7),
            PeakRssMb = peak,
            PredictedMb = Memory.Megabytes(timer.Bytes),
            FlopsPerSecond = limit,
            Parts = parts.Select(part => new
            {
                part.Name,
                Seconds = part.Times.Median,
                part.MultiplyAdds,
                OfBound = part.FlopsPerSecond / limit,
            }),
        });
        output.Result(Invariant(
            $"{kind}, widths {string.Join(" ", request.Encoder.Widths)}, {request.Steps} steps of {request.Images} images of {request.Encoder.Side}², {timer.Threads} threads: {limit / 1e9:0} GFLOP/s"));
        output.Result($"{"",-10}{"ms",10}{"fastest",10}{"10⁹ multiply-adds",20}{"GFLOP/s",10}{"of bound",10}");
        foreach (var part in parts)
        {
            output.Result(Invariant(
                $"{part.Name,-10}{part.Times.Median * 1000,10:0.0}{part.Times.Fastest * 1000,10:0.0}{part.MultiplyAdds / 1e9,20:0.00}{part.FlopsPerSecond / 1e9,10:0}{part.FlopsPerSecond / limit,10:0%}"));
        }
        output.Result(Invariant($"memory of the batch {Memory.Megabytes(timer.Bytes)} MB as predicted; peak of the process {peak} MB"));
        return ExitCode.Ok;
    }

    private sealed record Part(string Name, StepTimes Times, double MultiplyAdds)
    {
        public double FlopsPerSecond => 2 * MultiplyAdds / Times.Median;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
