using System.Diagnostics;
using System.Text;
using Plastic.Host;
using Xunit;
using Xunit.Abstractions;

namespace Plastic.Program.Tests;

/// <summary>Reads many mutated copies of a file; with PLASTIC_NIGHTLY=1 twenty times as many.</summary>
internal static class Mutations
{
    private static readonly bool IsNightly = Environment.GetEnvironmentVariable("PLASTIC_NIGHTLY") == "1";

    /// <summary>Reads a file and mutated copies of it, in a folder of its own.</summary>
    /// <param name="log">Where the counts go.</param>
    /// <param name="name">The file's name, in folders below the folder where it has any.</param>
    /// <param name="whole">What the file holds.</param>
    /// <param name="read">Reads the file; the result may only be a <see cref="PlasticException"/>.</param>
    /// <param name="prepare">Writes what else belongs into the folder.</param>
    /// <param name="trials">How many copies.</param>
    /// <param name="spare">The bytes that may be allocated beyond those that the whole file takes.</param>
    public static void Survive(
        ITestOutputHelper log, string name, byte[] whole, Action<string> read, Action<string>? prepare = null, int trials = 12_500, long spare = 1 << 20)
    {
        // On a memory file system if there is one: a million files would wear out a disk.
        var folder = Directory.CreateDirectory(
            Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"plastic-{Guid.NewGuid():N}"));
        var file = Path.Combine(folder.FullName, name);
        if (IsNightly) trials *= 20;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            prepare?.Invoke(folder.FullName);
            File.WriteAllBytes(file, whole);
            read(file);
            var usual = GC.GetAllocatedBytesForCurrentThread();
            read(file);
            usual = GC.GetAllocatedBytesForCurrentThread() - usual;
            var random = new Random(name.Length);
            var refused = 0;
            var slowest = TimeSpan.Zero;
            var largest = 0L;
            for (var trial = 0; trial < trials; trial++)
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
            log.WriteLine($"{name}: {trials} files, {refused} refused; at most {largest} bytes beyond the {usual} of the whole file, {slowest.TotalMilliseconds:F1} ms");
            Assert.InRange(refused, trials / 3, trials);
            Assert.True(largest < spare, $"{largest} bytes were allocated");
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
}
