using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The files of a run are of one type each: what is written reads back, and a value of another shape is refused and named.</summary>
public sealed class JsonFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-json-");

    public void Dispose() => folder.Delete(recursive: true);

    private static readonly TestResults Results = new(0.25, 1e-3, 10, 0.5) { FrozenLoss = 1, FrozenMedian = 2, FrozenBatches = 3 };

    [Fact]
    public void What_a_run_writes_reads_back_and_is_written_as_the_same_bytes()
    {
        using var session = new Session();
        string[] words =
        [
            "bohp_completion", "cell=single", "rule=bohp", "batch=1", "max_batch=25", "validate_every=10", "validation_batches=1",
            "test_batches=2", "log_every=5", "freeze_last=12", "--seed", "0", "--out", session.Out,
        ];
        var run = session.Run(["train", .. words]).Results[^1];
        Same<RunStatus>("status.json");
        Same<TestResults>("test.json");
        Same<EnvironmentFacts>("env.json");
        Same<CheckpointNumbers>(Path.Combine("checkpoints", "step-0000000025", "state.json"));
        Same<CheckpointManifest>(Path.Combine("checkpoints", "step-0000000025", "manifest.json"));
        SameLines<Metrics>("metrics.jsonl");
        SameLines<Timing>("timing.jsonl");

        void Same<T>(string name) =>
            Assert.Equal(File.ReadAllText(Path.Combine(run, name)), JsonText.Document(JsonFile.Read<T>(Path.Combine(run, name))));
        void SameLines<T>(string name) => Assert.Equal(
            File.ReadAllLines(Path.Combine(run, name)), JsonLines.Read<T>(Path.Combine(run, name)).Select(JsonText.Line));
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { """{"loss":1,"standard_error":0,"best_step":1,"best_validation_loss":1,"colour":"red"}""", "colour is unknown" },
        { """{"loss":1,"standard_error":0,"best_step":1,"best_validation_loss":1,"loss":2}""", "not valid JSON" },
        { """{"loss":1,"standard_error":0,"best_step":1}""", "best_validation_loss is missing" },
        { """{"loss":null,"standard_error":0,"best_step":1,"best_validation_loss":1}""", "loss: expected a finite number" },
        { """{"loss":"1","standard_error":0,"best_step":1,"best_validation_loss":1}""", "loss: expected a finite number" },
        { """{"loss":1e999,"standard_error":0,"best_step":1,"best_validation_loss":1}""", "loss: expected a finite number" },
        { """{"loss":1,"standard_error":0,"best_step":1.5,"best_validation_loss":1}""", "best_step: expected a whole number" },
        { """{"loss":1,"standard_error":0,"best_step":-1,"best_validation_loss":1}""", "best_step: expected a whole number" },
        { """{"loss":1,"standard_error":0,"best_step":1,"best_validation_loss":1,"frozen_loss":1}""", "frozen_batches together" },
        { """[1]""", "expected an object" },
        { """{"loss":1""", "cut short" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_result_of_another_shape_is_refused_and_its_place_named(string text, string because)
    {
        var file = Write("test.json", text);
        Write("status.json", """{"state":"finished","step":1}""");
        var thrown = Assert.Throws<PlasticException>(() => TestResults.Read(folder.FullName));
        Assert.Equal(ExitCode.BadData, thrown.Code);
        Assert.StartsWith($"{file}: ", thrown.Message);
        Assert.Contains(because, thrown.Message);
        Assert.DoesNotContain('\n', thrown.Message);
    }

    [Theory]
    [InlineData("""{"state":"finished","step":1}""", true)]
    [InlineData("""{"state":"done","step":1}""", false)]
    [InlineData("""{"state":1,"step":1}""", false)]
    [InlineData("""{"state":"finished","step":1,"host":"a","process":1}""", true)]
    [InlineData("""{"state":"finished","step":1,"user":"a"}""", false)]
    public void A_status_is_read_whole_or_not_at_all(string text, bool isRead)
    {
        Write("status.json", text);
        Assert.Equal(isRead, RunStatus.Read(folder.FullName) is not null);
    }

    [Fact]
    public void A_line_of_metrics_is_named_by_its_number()
    {
        var file = Write("metrics.jsonl", """{"step":1,"training_loss":1}""" + "\n" + """{"step":2,"loss":1}""" + "\n");
        var thrown = Assert.Throws<PlasticException>(() => LoggedLosses.Training(file));
        Assert.Equal($"{file} line 2: loss is unknown", thrown.Message);
    }

    [Fact]
    public void A_checkpoint_of_another_format_is_named_before_its_members()
    {
        var file = Write("state.json", """{"format":2,"epoch":3}""");
        Assert.Contains("format 2 is from another version", Assert.Throws<PlasticException>(() => CheckpointNumbers.Read(file)).Message);
    }

    /// <summary>
    /// A value is accepted exactly where the strict serializer accepts it, but for negative whole numbers and numbers beyond
    /// float64; where it is accepted the serializer reads it.
    /// </summary>
    [Fact]
    public void Shapes_are_those_of_the_serializer()
    {
        var random = new Random(11);
        string[] values = ["null", "true", "\"text\"", "\"finished\"", "1", "0.5", "-2", "1e999", "[]", "[1]", "[\"a\"]", "{}", "{\"a\":[\"b\"]}"];
        var (accepted, refused) = (0, 0);
        for (var trial = 0; trial < 4000; trial++)
        {
            Check<RunStatus>(JsonText.Line(new RunStatus(RunState.Failed, 3, "why").OwnedBy(new RunOwner("here", 7, 8))));
            Check<TestResults>(JsonText.Line(Results));
            Check<CheckpointManifest>(JsonText.Line(new CheckpointManifest(new FileEntry(1, "a"), new FileEntry(2, "b"))));
            Check<InnerRates>(JsonText.Line(new InnerRates([1, 2], [3, 4])));
        }
        Assert.InRange(accepted, 1000, 15_000);
        Assert.InRange(refused, 1000, 15_000);

        void Check<T>(string whole)
        {
            // One member is replaced, removed or added, at the top or one level below.
            var root = JsonNode.Parse(whole)!.AsObject();
            var inner = root.Select(member => member.Value).OfType<JsonObject>().ToArray();
            var target = inner.Length > 0 && random.Next(2) == 0 ? inner[random.Next(inner.Length)] : root;
            var key = random.Next(8) == 0 ? "extra" : target.ElementAt(random.Next(target.Count)).Key;
            if (random.Next(6) == 0) target.Remove(key);
            else target[key] = JsonNode.Parse(values[random.Next(values.Length)]);
            var text = root.ToJsonString();

            using var document = JsonDocument.Parse(text);
            var mismatch = JsonShape.Mismatch(document.RootElement, typeof(T), JsonText.Lines);
            var isRead = TryRead(() => JsonSerializer.Deserialize<T>(text, JsonText.Lines));
            if (mismatch is null) accepted++;
            else refused++;
            if (mismatch is null) Assert.True(isRead, text);
            else if (!text.Contains("-2") && !text.Contains("1e999")) Assert.False(isRead, $"{text}: {mismatch}");
        }
    }

    private static bool TryRead<T>(Func<T> read)
    {
        try
        {
            read();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(folder.FullName, name);
        File.WriteAllText(file, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return file;
    }
}
