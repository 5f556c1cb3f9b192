using System.Text;
using System.Text.Json;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Event files, as a reader sees them that shares nothing with their writer.</summary>
public sealed class TensorBoardTests
{
    private static readonly string[] Tiny =
    [
        "hidden=4", "batch=2", "max_batch=6", "validate_every=2", "log_every=3", "validation_batches=1", "test_batches=1", "rule=hebbian", "cell=RNN",
    ];

    [Fact]
    public void Checksums_are_those_of_the_published_format()
    {
        // RFC 3720, B.4: 32 zero bytes have the CRC-32C 8a9136aa; and the usual check value of nine digits.
        Assert.Equal(Masked(0x8a9136aa), EventFile.Checksum(new byte[32]));
        Assert.Equal(Masked(0xe3069283), EventFile.Checksum(Encoding.ASCII.GetBytes("123456789")));

        static uint Masked(uint crc) => unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }

    [ProtobufFact]
    public void An_event_file_holds_the_metrics_and_the_settings_of_a_run()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, "--seed", "0..1"]).Code);
        var ended = session.Run(["export", "tensorboard", "cuereward", .. Tiny, "--seed", "0..1", "--out", session.Out]);
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        Assert.Equal(Path.Combine(session.Out, "tensorboard", "cuereward"), ended.Results[^1]);
        foreach (var run in RunFolders.Under(RunDirectory.Root(session.Out)))
        {
            var events = TensorBoardReader.Read(FileOf(session, run));
            Assert.Equal("brain.Event:2", events[0].Version);
            var lines = JsonLines.Read<Metrics>(Path.Combine(run, RunDirectory.MetricsFile));
            var test = TestResults.Read(run)!;
            (string, long, float)[] expected =
            [
                .. lines.SelectMany(line => new (string, long, double?)[]
                {
                    ("loss/training", line.Step, line.TrainingLoss), ("gradient_norm", line.Step, line.GradientNorm), ("loss/validation", line.Step, line.ValidationLoss),
                }).Append(("loss/test", test.BestStep, test.TestLoss)).Where(number => number.Item3 is not null)
                    .Select(number => (number.Item1, number.Item2, (float)number.Item3!.Value)),
            ];
            Assert.Equal(expected, Scalars(events));
            Assert.True(expected.Length > 8);

            var settings = Assert.Single(events, one => one.Settings is not null).Settings!;
            Assert.Equal(4, settings["hidden"].GetDouble());
            Assert.Equal("hebbian", settings["rule"].GetString());
            Assert.Contains(settings.Values, value => value.ValueKind is JsonValueKind.True or JsonValueKind.False);
            Assert.Equal(run.EndsWith("seed=1", StringComparison.Ordinal) ? 1 : 0, settings["seed"].GetDouble());
            Assert.DoesNotContain("delay", settings.Keys);
            Assert.Equal(1, Assert.Single(events, one => one.Status is not null).Status);
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            Assert.All(events, one => Assert.InRange(one.Time, now - 600, now + 1));
            Assert.Equal(events.Select(one => one.Time).Order(), events.Select(one => one.Time));
        }
    }

    [ProtobufFact]
    public void Training_writes_the_same_events_and_changes_nothing_in_the_runs_folder()
    {
        using var plain = new Session();
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, plain.Train("cuereward", Tiny).Code);
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, "--tensorboard"]).Code);
        var (run, other) = (Assert.Single(RunFolders.Under(RunDirectory.Root(session.Out))), Assert.Single(RunFolders.Under(RunDirectory.Root(plain.Out))));
        Assert.Equal(Names(other), Names(run));
        foreach (var name in new[] { RunDirectory.MetricsFile, RunDirectory.TestFile, RunDirectory.ConfigFile })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(other, name)), File.ReadAllBytes(Path.Combine(run, name)));
        }
        Assert.False(Directory.Exists(Path.Combine(plain.Out, "tensorboard")));

        var live = TensorBoardReader.Read(FileOf(session, run));
        Assert.Equal(ExitCode.Ok, session.Run(["export", "tensorboard", "cuereward", .. Tiny, "--out", session.Out]).Code);
        var exported = TensorBoardReader.Read(FileOf(session, run));
        Assert.Equal(exported.Select(one => (one.Tag, one.Step, one.Value, one.Status)), live.Select(one => (one.Tag, one.Step, one.Value, one.Status)));

        static IEnumerable<string> Names(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal);
    }

    [ProtobufFact]
    public void A_resumed_run_has_no_point_twice()
    {
        using var session = new Session();
        string[] words = [.. Tiny, "--tensorboard", "--checkpoint", "0"];
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", words).Code);
        var run = Assert.Single(RunFolders.Under(RunDirectory.Root(session.Out)));
        var whole = File.ReadAllBytes(FileOf(session, run));
        var before = Scalars(TensorBoardReader.Read(FileOf(session, run)));

        // As if it had been killed after its last step, and only the checkpoint before were whole.
        File.Delete(Path.Combine(run, RunDirectory.TestFile));
        File.WriteAllText(Path.Combine(run, RunDirectory.StatusFile), JsonText.Document(new RunStatus(RunState.Interrupted, 6)));
        var checkpoints = Directory.GetDirectories(Path.Combine(run, RunDirectory.Checkpoints)).Order().ToArray();
        Directory.Delete(checkpoints[^1], recursive: true);
        File.AppendAllText(FileOf(session, run), "half a rec");
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", words).Code);
        Assert.Equal(before, Scalars(TensorBoardReader.Read(FileOf(session, run))));
        // Records of the same length: a TensorBoard that had read the file goes on at the right place.
        Assert.Equal(whole.Length, new FileInfo(FileOf(session, run)).Length);
    }

    [Fact]
    public void An_event_file_that_a_run_writes_is_left_alone()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", Tiny).Code);
        var path = Assert.Single(RunFolders.Under(RunDirectory.Root(session.Out)));
        var file = FileOf(session, path);
        string[] export = ["export", "tensorboard", "cuereward", .. Tiny, "--out", session.Out];
        using (var live = new LiveEvents(SavedRun.Read(path), path, file, line => Assert.Fail(line)))
        {
            var ended = session.Run(export);
            Assert.Equal(ExitCode.Ok, ended.Code);
            Assert.Contains(ended.Messages, line => line.Contains("is left out: it trains with --tensorboard", StringComparison.Ordinal));
            var length = new FileInfo(file).Length;
            live.Logged(7, 0.5, 0.25);
            // It is still the file that the run writes.
            Assert.True(new FileInfo(file).Length > length);
        }
        var after = session.Run(export);
        Assert.Equal(ExitCode.Ok, after.Code);
        Assert.DoesNotContain(after.Messages, line => line.Contains("left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_of_a_part_that_was_resumed_have_its_times()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", Tiny).Code);
        var path = Assert.Single(RunFolders.Under(RunDirectory.Root(session.Out)));
        File.Delete(Path.Combine(path, RunDirectory.TimingFile));
        var start = new WallTimes(path).Start;
        // Killed at 350; resumed an hour later from 150, trained as far as 250 and killed; resumed another hour later from 250 twice, the first time in vain.
        var resumed = new[] { (150, 3600), (250, 7200), (250, 10800) };
        File.WriteAllLines(Path.Combine(path, RunDirectory.ResumedFile), resumed.Select(part =>
            $"{{\"step\":{part.Item1},\"started\":\"{DateTimeOffset.FromUnixTimeMilliseconds((long)(1000 * (start + part.Item2))):O}\"}}"));
        var lines = new[] { (0, 1.0), (100, 11), (200, 21), (300, 31), (200, 25), (300, 40), (400, 50) };
        File.WriteAllText(Path.Combine(path, RunDirectory.TimingFile), string.Concat(lines.Select(line => MadeRuns.Line(new Timing(line.Item1, line.Item2)))));
        var times = new WallTimes(path);
        Assert.Equal(
            [1, 11, 3625, 10840, 10850],
            new[] { 0, 100, 200, 300, 400 }.Select(step => Math.Round(times.Of(step) - start, 2)));

        // The pace is that of the last part.
        var pace = new RunPace();
        foreach (var line in lines) pace.Add(Encoding.UTF8.GetBytes(JsonText.Line(new Timing(line.Item1, line.Item2))));
        foreach (var (step, _) in resumed) pace.AddResumed(Encoding.UTF8.GetBytes($"{{\"step\":{step}}}"));
        Assert.Equal(TimeSpan.FromSeconds(20), pace.Between(400, 600));
        pace.AddResumed("{\"step\":350}"u8);
        Assert.Null(pace.Between(400, 600));
    }

    [Fact]
    public void Without_runs_nothing_is_written()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.MissingInput, session.Run("export", "tensorboard", "cuereward", "--out", session.Out).Code);
        Assert.Equal(ExitCode.Usage, session.Run("export", "tensorboard", "cuereward", "-o", "x.csv").Code);
        Assert.Empty(session.Everything());
    }

    private static string FileOf(Session session, string run) => Path.Combine(
        session.Out, "tensorboard", Path.GetRelativePath(RunDirectory.Root(session.Out), run), RunEvents.FileName);

    private static (string, long, float)[] Scalars(IEnumerable<TensorBoardReader.Event> events) =>
        [.. events.Where(one => one.Value is not null).Select(one => (one.Tag!, one.Step, one.Value!.Value))];
}
