using System.Diagnostics;
using System.IO.Compression;
using System.Text;
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
    private const long SpareBytes = 1 << 20;

    private static readonly int Trials = Environment.GetEnvironmentVariable("PLASTIC_NIGHTLY") == "1" ? 250_000 : 12_500;

    [Fact]
    public void Safetensors() => Survives("tensors.safetensors", Tensors(), file => Plastic.Host.Safetensors.Read(file));

    [Fact]
    public void Golden_cases() =>
        Survives("golden.json", Golden(), file => GoldenReader.Read(file));

    [Fact]
    public void Settings() => Survives(RunDirectory.ConfigFile, Config(), file => SavedRun.Read(Path.GetDirectoryName(file)!));

    [Fact]
    public void Descriptions_of_rules_from_files() => Survives(
        RunCode.RuleFile, Description(), file =>
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
    public void Numbers_of_a_checkpoint() => Survives("state.json", State(), file => CheckpointNumbers.Read(file));

    [Fact]
    public void Data_in_npz() => Survives("data.npz", DataArchive(), file => DataFile.Read(file));

    [Fact]
    public void Data_in_csv() => Survives("data.csv", DataTable(), file => DataFile.Read(file));

    private void Survives(string name, byte[] whole, Action<string> read)
    {
        // On a memory file system if there is one: a million files would wear out a disk.
        var folder = Directory.CreateDirectory(
            Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"plastic-{Guid.NewGuid():N}"));
        var file = Path.Combine(folder.FullName, name);
        try
        {
            File.WriteAllBytes(file, whole);
            read(file);
            var usual = GC.GetAllocatedBytesForCurrentThread();
            read(file);
            usual = GC.GetAllocatedBytesForCurrentThread() - usual;
            var random = new Random(name.Length);
            var refused = 0;
            var slowest = TimeSpan.Zero;
            var largest = 0L;
            for (var trial = 0; trial < Trials; trial++)
            {
                var bytes = Mutated(whole, random);
                File.WriteAllBytes(file, bytes);
                var clock = Stopwatch.StartNew();
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    read(file);
                }
                catch (PlasticException fault)
                {
                    refused++;
                    Assert.True(
                        fault.Code is ExitCode.BadData && !fault.Message.Contains('\n') && fault.Message.Length < 600,
                        $"trial {trial}: {fault.Code}: {fault.Message}");
                }
                catch (Exception fault)
                {
                    Assert.Fail($"trial {trial}: {fault.GetType().Name}: {fault.Message}\n{Convert.ToBase64String(bytes)}");
                }
                // The total allocation bounds the memory in use at any time; counted beyond that of an intact file.
                largest = Math.Max(largest, GC.GetAllocatedBytesForCurrentThread() - before - usual);
                slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
            }
            log.WriteLine($"{name}: {Trials} files, {refused} refused; at most {largest} bytes beyond the {usual} of the whole file, {slowest.TotalMilliseconds:F1} ms");
            Assert.InRange(refused, Trials / 3, Trials);
            Assert.True(largest < SpareBytes, $"{largest} bytes were allocated");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>One to four changes: a flipped bit, a changed byte, a range cut out, doubled or moved, a number made large.</summary>
    private static byte[] Mutated(byte[] whole, Random random)
    {
        var bytes = whole.ToList();
        for (var change = random.Next(1, 5); change > 0 && bytes.Count > 0; change--)
        {
            var at = random.Next(bytes.Count);
            var length = random.Next(1, Math.Min(32, bytes.Count - at) + 1);
            switch (random.Next(7))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 4: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                case 5: bytes.RemoveRange(at, bytes.Count - at); break;
                default:
                    var digit = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
                    if (digit >= 0) bytes.InsertRange(digit, Encoding.ASCII.GetBytes(random.Next(2) == 0 ? "99999999999" : "-1e999"));
                    break;
            }
        }
        return [.. bytes];
    }

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
        var state = new TrainingState(12, 10, 0.25, 1.5, 2.5, 3, 12, [new("weights/a", [2], new float[2])]);
        Checkpoint.Write(folder, state, 1234);
        return File.ReadAllBytes(Path.Combine(folder, "step-0000000012", "state.json"));
    }
}
