using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Host;
using Plastic.Settings;
using Xunit;
using Xunit.Abstractions;

namespace Plastic.Program.Tests;

/// <summary>
/// Corrupted files are either read as valid, or refused with one line and exit code 65; no hang, no crash, and at most 1 MB
/// more memory than an intact file takes. 12,500 of each kind, with PLASTIC_NIGHTLY=1 250,000.
/// </summary>
public sealed class MutationTests(ITestOutputHelper log)
{
    [Fact]
    public void Safetensors() => Mutations.Survive(log, "tensors.safetensors", Tensors(), file => Plastic.Host.Safetensors.Read(file));

    [Fact]
    public void Golden_cases() =>
        Mutations.Survive(log, "golden.json", Golden(), file => GoldenReader.Read(file));

    [Fact]
    public void Golden_cases_of_encoders() =>
        Mutations.Survive(log, "golden.json", Images("resnet12-dropped.json"), file => GoldenReader.Read(file));

    [Fact]
    public void Golden_cases_of_episodes() =>
        Mutations.Survive(log, "golden.json", Images("fewshot-rnn-none.json"), file => GoldenReader.Read(file));

    [Fact]
    public void Settings() => Mutations.Survive(log, RunDirectory.ConfigFile, Config(), file => SavedRun.Read(Path.GetDirectoryName(file)!));

    [Fact]
    public void Descriptions_of_rules_from_files() => Mutations.Survive(
        log, RunCode.RuleFile, Description(), file =>
        {
            try
            {
                RunCode.Described(Path.GetDirectoryName(file)!);
            }
            catch (CodeException fault)
            {
                throw new PlasticException(Failure.Of(fault).Code, Failure.Of(fault).Line);
            }
        });

    [Fact]
    public void Numbers_of_a_checkpoint() => Mutations.Survive(log, "state.json", State(), file => CheckpointNumbers.Read(file));

    [Fact]
    public void Data_in_npz() => Mutations.Survive(log, "data.npz", DataArchive(), file => DataFile.Read(file));

    [Fact]
    public void Data_in_csv() => Mutations.Survive(log, "data.csv", DataTable(), file => DataFile.Read(file));

    private static byte[] Description()
    {
        RuleBook.TryFind("hebbian", out var rule);
        rule = CodeFiles.Renamed(rule, "own");
        return Encoding.UTF8.GetBytes(JsonText.Document(RuleFacts.Of(rule, new CodeFile("own.fsx", "own.fsx", "Own.rule", "00", []))));
    }

    private static byte[] Golden()
    {
        var options = NetworkOptions.Default;
        (options.Inputs, options.Hidden, options.Outputs, options.Extra, options.Batch) = (2, 2, 1, 0, 1);
        return Encoding.UTF8.GetBytes(GoldenFiles.Make(options, steps: 2, lossFrom: 0).ToJsonString());
    }

    /// <summary>A published case, its numbers cut short so that changes meet what is around them more often.</summary>
    private static byte[] Images(string name)
    {
        var golden = GoldenFiles.Committed(name);
        Shorten(golden);
        return Encoding.UTF8.GetBytes(golden.ToJsonString());

        static void Shorten(JsonNode node)
        {
            if (node is JsonObject members)
            {
                foreach (var member in members) Shorten(member.Value!);
            }
            if (node is not JsonArray array) return;
            for (var k = 0; k < array.Count; k++)
            {
                if (array[k]!.GetValueKind() != JsonValueKind.Number)
                {
                    Shorten(array[k]!);
                }
                else if (array[k]!.GetValue<double>() % 1 != 0)
                {
                    array[k] = 0.5;
                }
            }
        }
    }

    private static byte[] Tensors()
    {
        using var session = new Session();
        var file = Path.Combine(Directory.CreateDirectory(session.Out).FullName, "t");
        Plastic.Host.Safetensors.Write(
            file,
            [new("a.weight", [3, 4], new float[12]), new("b", [2], new double[2]), new("c", [], new float[1])],
            new Dictionary<string, string> { ["step"] = "7" });
        return File.ReadAllBytes(file);
    }

    /// <summary>One array compressed, the others not; the directory lies behind them.</summary>
    private static byte[] DataArchive()
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("inputs", CompressionLevel.Optimal, 4, 3, 2);
            Add("targets", CompressionLevel.NoCompression, 4, 3, 1);
            Add("lengths", CompressionLevel.NoCompression, 4);

            void Add(string name, CompressionLevel level, params int[] shape)
            {
                using var entry = zip.CreateEntry($"{name}.npy", level).Open();
                var numbers = Enumerable.Repeat(2f, shape.Aggregate(1, (product, axis) => product * axis)).ToArray();
                Npy.Write(entry, new NamedTensor(name, shape, numbers));
            }
        }
        return memory.ToArray();
    }

    private static byte[] DataTable() => Encoding.UTF8.GetBytes(
        "episode,split,input_1,input_2,target\n" + string.Concat(Enumerable.Range(0, 12).Select(step =>
            $"{step / 2},{(step < 8 ? "train" : step < 10 ? "validation" : "test")},{step},{0.5 * step},-{step}\n")));

    private static byte[] Config() =>
        Encoding.UTF8.GetBytes(((TrainRequest)CommandParser.Parse(["train", "cuereward"], new DeferredLoader()).Command).Plan.Runs[0].Json);

    private static byte[] State()
    {
        using var session = new Session();
        var folder = Directory.CreateDirectory(session.Out).FullName;
        var state = new TrainingState(12, new BestValidation(10, 0.25, null), 1.5, 2.5, 3, 12, [new("weights/a", [2], new float[2])]);
        Checkpoint.Write(folder, state, 1234);
        return File.ReadAllBytes(Path.Combine(folder, "step-0000000012", "state.json"));
    }
}
