using System.Diagnostics;
using Plastic.CommandLine;
using Plastic.Host;
using Plastic.Settings;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>What `watch` opens in a run's folder, and how much of it.</summary>
public sealed class WatchFilesTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-test-");
    private readonly Run run = MadeRuns.Of("cuereward", "rule=hebbian")[0];

    private string Root => Path.Combine(folder.FullName, "runs");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_pipe_is_not_opened()
    {
        foreach (var name in new[]
        {
            RunDirectory.MetricsFile, RunDirectory.TimingFile, RunDirectory.ResumedFile, RunDirectory.StatusFile, RunDirectory.TestFile, RunLabel.File,
            RunCode.RuleFile, RunCode.TaskFile, RunCode.DataFile, RunDirectory.ConfigFile, RunDirectory.CommandFile,
        })
        {
            if (Directory.Exists(Root)) Directory.Delete(Root, recursive: true);
            var path = MadeRuns.Make(Root, run, RunState.Running, 0.5, RunOwner.Current);
            File.Delete(Path.Combine(path, name));
            MakePipe(Path.Combine(path, name));
            var index = new RunIndex(Root);
            var found = System.Threading.Tasks.Task.Run(() => index.Read(state => state.Runs.Select(run => (run.Kind, run.Message)).Single()));
            // Opening a pipe that nobody writes never returns.
            Assert.Same(found, await System.Threading.Tasks.Task.WhenAny(found, System.Threading.Tasks.Task.Delay(TimeSpan.FromMinutes(1))));
            var (kind, message) = await found;
            var isNeeded = name is RunDirectory.StatusFile or RunCode.RuleFile or RunCode.TaskFile or RunCode.DataFile or RunDirectory.ConfigFile;
            Assert.Equal(isNeeded ? "unreadable" : "running", kind);
            if (isNeeded && name != RunDirectory.StatusFile) Assert.Contains(name, message);
        }
    }

    [Theory]
    [InlineData("checkpoints")]
    [InlineData("checkpoints/best.safetensors")]
    [InlineData("rule.fsx")]
    public void A_network_behind_a_link_or_a_pipe_is_not_looked_into(string part)
    {
        var path = MadeRuns.Make(Root, run);
        var outside = Path.Combine(folder.FullName, "outside");
        Directory.CreateDirectory(Path.Combine(outside, RunDirectory.Checkpoints));
        Directory.CreateDirectory(Path.Combine(path, RunDirectory.Checkpoints));
        foreach (var place in new[] { path, outside }) File.WriteAllText(Path.Combine(place, RunDirectory.Checkpoints, RunRecorder.BestFile), "weights");
        var index = new RunIndex(Root);
        index.Refresh();
        string Fault() => new RunInsides(new RunReading(false, null)).Of(index.Read(state => state.Runs.Single()))["fault"]!.GetValue<string>();
        Assert.Contains("best.safetensors", Fault());
        Assert.DoesNotContain("link", Fault());

        var there = Path.Combine(path, part);
        if (Directory.Exists(there)) Directory.Delete(there, recursive: true);
        else File.Delete(there);
        File.CreateSymbolicLink(there, Path.Combine(outside, part));
        Assert.Contains($"{Path.GetFileName(part)} in its folder is a link", Fault());
        File.Delete(there);
        MakePipe(there);
        Assert.Contains($"{Path.GetFileName(part)} in its folder is a link, or no file", Fault());
    }

    [Fact]
    public void A_finished_run_that_loses_its_weights_is_lost()
    {
        var path = MadeRuns.Make(Root, run);
        var checkpoints = Directory.CreateDirectory(Path.Combine(path, RunDirectory.Checkpoints)).FullName;
        foreach (var name in new[] { Checkpoint.LatestFile, RunRecorder.BestFile }) File.WriteAllText(Path.Combine(checkpoints, name), "");
        MadeRuns.Age(path);
        var index = new RunIndex(Root);
        string Kind()
        {
            index.Refresh();
            return index.Read(state => state.Runs.Single().Kind);
        }
        Assert.Equal("finished", Kind());
        File.Delete(Path.Combine(checkpoints, RunRecorder.BestFile));
        Assert.Equal("lost", Kind());
    }

    [Fact]
    public void A_line_without_an_end_is_read_once_and_in_blocks()
    {
        const long Length = 300_000_000;
        var file = Path.Combine(folder.FullName, "lines");
        using (var made = File.Create(file)) made.SetLength(Length);
        var lines = new GrowingLines(file);
        var found = new List<int>();
        void Read() => lines.Read(found.Clear, line => found.Add(line.Length));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Read();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000);
        // What was read is not read again: a line at the start is not seen.
        using (var made = File.OpenWrite(file)) made.Write("short\n"u8);
        Read();
        Assert.Empty(found);
        // The long line ends, and what follows it is read.
        File.AppendAllText(file, "its end\nnext one\nhalf");
        Read();
        Assert.Equal(["next one".Length], found);
        File.AppendAllText(file, " a line\n");
        Read();
        Assert.Equal(["next one".Length, "half a line".Length], found);
        // Lines that are longer than a block and shorter than the limit are lines.
        File.AppendAllText(file, new string('x', 200_000) + "\n" + new string('y', 100) + "\n");
        Read();
        Assert.Equal([8, 11, 200_000, 100], found);
    }

    [Fact]
    public void A_file_that_no_program_of_ours_wrote_is_not_read_whole()
    {
        var path = MadeRuns.Make(Root, run);
        using (var made = File.OpenWrite(Path.Combine(path, RunDirectory.StatusFile))) made.SetLength(500_000_000);
        var index = new RunIndex(Root);
        var before = GC.GetTotalAllocatedBytes();
        index.Refresh();
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 100_000_000);
        Assert.Equal("unreadable", index.Read(state => state.Runs.Single().Kind));
    }

    private static void MakePipe(string path)
    {
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
