using System.Text.Json;
using System.Text.RegularExpressions;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`plastic selftest` on a card that stands in for NVIDIA's.</summary>
public sealed class SelftestTests
{
    // What one test has compiled, the next does not compile again.
    private static readonly Lazy<DirectoryInfo> Cache = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("plastic-cache-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return folder;
    });

    private static readonly string[] Small = ["selftest", "--hidden", "5", "--steps", "3", "--batch", "2", "--milliseconds", "1"];

    [SkippableFact]
    public void It_checks_golden_cases_hashes_bits_and_times_every_kernel()
    {
        var (code, output, messages, calls) = StandIn.Run([$"PLASTIC_CACHE={Cache.Value.FullName}"], [.. Small, "--json"]);
        Assert.True(code == ExitCode.Ok, string.Join('\n', [output, .. messages]));
        StandIn.AssertTidy(calls);
        var found = JsonDocument.Parse(output).RootElement;
        Assert.Equal("cuda:0", found.GetProperty("device").GetProperty("name").GetString());
        var golden = found.GetProperty("golden").EnumerateArray().ToArray();
        Assert.Equal(
            GoldenFiles.All.Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal),
            golden.Select(one => one.GetProperty("file").GetString()).Order(StringComparer.Ordinal));
        Assert.All(golden, one => Assert.InRange(one.GetProperty("errors").GetProperty("gradient").GetProperty("error").GetDouble(), 0, 1e-5));

        var timings = found.GetProperty("timings").EnumerateArray().ToArray();
        Assert.Equal(["RNN hebbian", "RNN gradient", "LSTM hebbian", "LSTM gradient"], timings.Select(one => one.GetProperty("network").GetString()));
        foreach (var one in timings)
        {
            var kernels = one.GetProperty("kernels").EnumerateArray().ToArray();
            Assert.Equal(
                ["transpose", "forward", "backward", "settle", "total", "squares", "finish", "update"],
                kernels.Select(kernel => kernel.GetProperty("kernel").GetString()));
            // What the stand-in says of each kernel.
            Assert.All(kernels, kernel => Assert.Equal(40, kernel.GetProperty("registers").GetInt32()));
            Assert.All(kernels, kernel => Assert.Equal(0, kernel.GetProperty("spill_bytes").GetInt32()));
            Assert.All(kernels, kernel => Assert.True(kernel.GetProperty("seconds").GetDouble() > 0));
            Assert.True(kernels[1].GetProperty("local_bytes").GetInt32() > 0);
            Assert.InRange(one.GetProperty("of_arithmetic").GetDouble(), 1e-9, 1);
            Assert.True(one.GetProperty("step_seconds").GetDouble() > 0);
        }

        // The bits are the network's.
        using var device = StandIn.Open();
        var network = new SelftestNetwork(Cell.Rnn, "hebbian", Hidden: 17, Steps: 11, Batch: 2);
        Assert.Equal(network.Bits(device), found.GetProperty("bits_of").GetProperty("RNN hebbian").GetString());
    }

    [SkippableFact]
    public void On_a_narrow_terminal_lines_break_between_words_and_every_speed_has_its_digits()
    {
        StandIn.Load();
        const int width = 60;
        var (results, messages) = (new StringWriter(), new StringWriter());
        var request = (SelftestRequest)CommandParser.Parse([.. Small, "--device", "cuda"], new DeferredLoader()).Command;
        using var device = Devices.Open("cuda", Path.Combine(Cache.Value.FullName, "kernels"));
        Assert.Equal(ExitCode.Ok, SelftestCommand.Run(request, device, new Output(results, messages) { ResultsWidth = width }));
        var lines = results.ToString().TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
        var text = Regex.Replace(results.ToString(), @"\s+", " ");
        Assert.Contains("of the golden cases and of every rule in an RNN and an LSTM: compare them with another device's", text);
        Assert.Contains("counted from the StepProgram, each sample reading W and α by itself.", text);
        const string rate = @"[1-9][\d.]* [kMGT]?";
        Assert.Matches($"at most {rate}FLOP/s, {rate}B/s from its cache, {rate}B/s from its memory", text);
    }

    [Theory]
    [InlineData(0.5, "0.5 B/s")]
    [InlineData(999.4, "999 B/s")]
    [InlineData(999.5, "1 kB/s")]
    [InlineData(1.2345e9, "1.23 GB/s")]
    [InlineData(6.7e13, "67 TB/s")]
    public void A_rate_has_three_digits(double perSecond, string text) => Assert.Equal(text, RateText.Of(perSecond, "B/s"));

    [SkippableFact]
    public void A_device_that_computes_something_else_fails()
    {
        using var device = new EditedDevice(StandIn.Open(), text => text.Replace("float z = a * a;", "float z = a * a * 1.001f;"));
        var golden = (GoldenNetwork)GoldenReader.Read("lstm-hebbian", Resource.Bytes("Golden.lstm-hebbian.json"));
        Assert.False(Verification.OfDevice(golden, device).Passed);
        var network = new SelftestNetwork(Cell.Lstm, "hebbian", Hidden: 5, Steps: 3, Batch: 2);
        using var whole = StandIn.Open();
        Assert.NotEqual(network.Bits(whole), network.Bits(device));
    }

    [Fact]
    public void It_asks_for_a_device_with_kernels()
    {
        using var session = new Session();
        var ended = session.Run("selftest", "--device", "cpu");
        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.Contains("selftest is for devices with kernels", Assert.Single(ended.Messages));
    }
}
