using System.Globalization;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// `plastic selftest`: what a device computes, against the golden cases inside the program and as a hash of all bits, and how fast.
/// </summary>
internal static class SelftestCommand
{
    private static readonly string[] Golden =
    [
        "rnn-none", "rnn-hebbian", "rnn-hebbian-clipped", "rnn-gradient", "rnn-gradient-clipped", "rnn-gradient-unmodulated",
        "lstm-none", "lstm-hebbian", "lstm-gradient",
    ];

    // Of "  FAILED" behind a line.
    private const int VerdictWidth = 8;

    private static readonly (Cell Cell, string Rule)[] Timed =
        [(Cell.Rnn, "hebbian"), (Cell.Rnn, "gradient"), (Cell.Lstm, "hebbian"), (Cell.Lstm, "gradient")];

    /// <summary>Exits with <see cref="ExitCode.Failed"/> if an error exceeds its tolerance.</summary>
    /// <exception cref="DeviceException">There is no such device, or it fails.</exception>
    /// <exception cref="PlasticException">The cache is not the user's own.</exception>
    public static ExitCode Run(SelftestRequest request, Output output)
    {
        using var device = KernelDevices.Open(request.Device);
        return Run(request, device, output);
    }

    /// <summary>The same on a device that is open.</summary>
    public static ExitCode Run(SelftestRequest request, IDevice device, Output output)
    {
        var facts = device.Facts;
        void Say(string line) => output.Result(Paragraph.Of(line, output.ResultsWidth));
        Say(Text(
            $"{facts.Name}: {facts.Model}, {facts.Platform}, {facts.Units} units, {facts.LocalBytes >> 10} KiB local memory, {SizeText.Of(facts.MemoryBytes)}"));

        var bits = new BitsHash();
        var cases = Golden.Select(name =>
        {
            var golden = (GoldenNetwork)GoldenReader.Read(name, Resource.Bytes($"Golden.{name}.json"));
            var compared = golden.OnDevice(device).ToList();
            foreach (var tensor in compared) bits.Add(tensor.Actual);
            return Verification.Of(golden, facts.Name, compared, Tolerance.Device);
        }).ToArray();
        var passed = cases.All(one => one.Passed);
        foreach (var one in cases)
        {
            var errors = one.Deviations.Select(d => Text($"{d.Quantity.ToString().ToLowerInvariant()} {d.Error:0.0e+00}"));
            output.Verdict(Paragraph.Of([$"{one.File,-24}", .. errors], "  ", output.ResultsWidth - VerdictWidth), one.Passed);
        }

        var hashes = RuleBook.All.SelectMany(rule => new[] { Cell.Rnn, Cell.Lstm }.Select(cell =>
        {
            var network = new SelftestNetwork(cell, rule.Name, Hidden: 17, Steps: 11, Batch: 2);
            return (Name: $"{cell.Name} {rule.Name}", Hash: network.Bits(device));
        })).ToArray();
        foreach (var (name, hash) in hashes) output.Detail($"{name,-26}bits {hash}");
        foreach (var (_, hash) in hashes) bits.Add(hash);
        Say($"bits {bits.Text} of the golden cases and of every rule in an RNN and an LSTM: compare them with another device's");

        var speed = DeviceSpeed.Measure(device, request.Seconds);
        Say(
            $"at most {RateText.Of(speed.FlopsPerSecond, "FLOP/s")}, {RateText.Of(speed.CacheBytesPerSecond, "B/s")} from its cache, "
            + $"{RateText.Of(speed.MemoryBytesPerSecond, "B/s")} from its memory");
        var size = Text($"{request.Hidden} units, {request.Steps} steps, batch {request.Batch}");
        output.Message(Text($"timing {Timed.Length} networks with {size}"));
        var timings = Timed.Select(
            one => SelftestTiming.Measure(
                new SelftestNetwork(one.Cell, one.Rule, request.Hidden, request.Steps, request.Batch), device, speed, request.Seconds)).ToArray();
        foreach (var line in Lines(timings, output.ResultsWidth)) output.Result(line);
        Say(
            $"{size}. A kernel's time is of launches that follow each other, a step's of whole training steps. The shares are of the speeds above: "
            + "the multiply-adds and the traffic that the method asks for, counted from the StepProgram, each sample reading W and α by itself.");

        output.Document(new
        {
            Plastic = ProgramVersion.Text,
            Device = facts,
            Passed = passed,
            Golden = cases.Select(one => new
            {
                one.File,
                one.Passed,
                Errors = one.Deviations.ToDictionary(
                    d => d.Quantity.ToString().ToLowerInvariant(), d => new { Error = JsonText.Finite(d.Error), d.Limit, d.Worst }),
            }),
            Bits = bits.Text,
            BitsOf = hashes.ToDictionary(one => one.Name, one => one.Hash),
            Speed = speed,
            request.Hidden,
            request.Steps,
            request.Batch,
            Timings = timings,
        });
        return passed ? ExitCode.Ok : ExitCode.Failed;
    }

    private static IEnumerable<string> Lines(SelftestTiming[] timings, int? width)
    {
        string[][] rows =
        [
            ["network", "kernel", "groups", "ms", "registers", "spill bytes", "local bytes", "of arithmetic", "of cache"],
            .. timings.SelectMany(one => one.Kernels.Select(kernel => new[]
            {
                one.Network, kernel.Kernel, $"{kernel.Groups}", Text($"{kernel.Seconds * 1e3:0.0000}"), $"{kernel.Registers}",
                $"{kernel.SpillBytes}", $"{kernel.LocalBytes}", "", "",
            }).Append(
            [
                one.Network, "a step", "", Text($"{one.StepSeconds * 1e3:0.0000}"), "", "", "", Text($"{one.OfArithmetic:0.0%}"), Text($"{one.OfCache:0.0%}"),
            ])),
        ];
        return Columns.Lines(rows, [0, 0, 3, 0, 1, 1, 2, 0, 0], [false, false, true, true, true, true, true, true, true], width);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
