using System.Diagnostics;
using System.Text.Json;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests.Cluster;

/// <summary>`status` tells the six states apart, on a Slurm and without one.</summary>
public sealed class StatusTests
{
    private static readonly string[] Tiny =
        ["cuereward", "rule=hebbian", "hidden=4", "batch=2", "validate_every=10", "validation_batches=1", "test_batches=1"];

    // Long enough to be looked at, whatever the machine.
    private static readonly string[] Long = [.. Tiny, "max_batch=10000000"];
    private static readonly string[] Short = [.. Tiny, "max_batch=30"];

    [SkippableFact]
    public void On_Slurm()
    {
        using var slurm = SlurmHere.Start();
        using var cluster = new CopiedProgram(slurm.Environment);
        Folder(cluster);
        cluster.Done(["submit", .. Long, "--seed", "4..5", "--at-once", "1", "--time", "0:30"]);
        slurm.Until(() => States(cluster)["4"].State == "running");

        var states = States(cluster);
        Assert.Equal(
            ["0 finished", "1 failed", "2 stopped", "3 lost", "4 running", "5 waiting", "6 stopped"],
            states.Select(run => $"{run.Key} {run.Value.State}").Order());
        Assert.Matches("^[0-9]+_0$", states["4"].Job);
        Assert.Matches("^[0-9]+_1$", states["5"].Job);
        Assert.Equal((31, 31), (states["0"].Step, states["0"].Updates));
        slurm.Until(() => States(cluster)["4"].Step > 0);

        // Asked to stop, the one that runs ends, and the one that waits is not begun; both are stopped then.
        cluster.Done("stop", cluster.In("runs", "cuereward"));
        slurm.UntilEmpty();
        states = States(cluster);
        Assert.Equal(("stopped", "stopped"), (states["4"].State, states["5"].State));

        // A job that is cancelled before it begins leaves a run that nobody will train.
        cluster.Done(["submit", .. Long, "--seed", "7", "--time", "0:30", "--sbatch", "--hold"]);
        Assert.Equal("waiting", States(cluster)["7"].State);
        slurm.Run("scancel", "--user=root");
        slurm.UntilEmpty();
        Assert.Equal("lost", States(cluster)["7"].State);
        // From a machine that has no squeue, the same: but for what only the queue knows, which is said.
        using var outside = new CopiedProgram(new Dictionary<string, string> { ["PATH"] = SubmitTests.Dotnet });
        var (code, output, errors) = outside.RunIn(cluster.Folder, "status", "cuereward", "--json");
        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("waiting jobs are not seen: squeue was not found", errors);
        Assert.Equal("waiting", Read(output)["7"].State);
    }

    [Fact]
    public void Without_Slurm()
    {
        using var cluster = new CopiedProgram(new Dictionary<string, string> { ["PATH"] = SubmitTests.Dotnet });
        Folder(cluster);
        cluster.Done(["submit", .. Short, "--seed", "4..5", "--engine", "list", "--time", "0:30"]);
        var (code, output, errors) = cluster.Run("status", "cuereward", "--json");
        Assert.Equal((ExitCode.Ok, ""), (code, errors));
        Assert.Equal(
            ["0 finished", "1 failed", "2 stopped", "3 lost", "4 waiting", "5 waiting", "6 stopped"],
            Read(output).Select(run => $"{run.Key} {run.Value.State}").Order());
        using (var trained = Started(cluster, [.. Long, "--seed", "8"]))
        {
            try
            {
                SpinWait.SpinUntil(() => States(cluster).TryGetValue("8", out var run) && run.State == "running", TimeSpan.FromMinutes(1));
                Assert.Equal("running", States(cluster)["8"].State);
                // A run that another process trains is not submitted.
                Assert.Contains("1 trained by another process", cluster.Run(["submit", .. Long, "--seed", "8", "--engine", "list"]).Errors);
            }
            finally
            {
                trained.Kill();
                trained.WaitForExit();
            }
        }
        Assert.Equal("lost", States(cluster)["8"].State);
        Assert.Equal(ExitCode.MissingInput, cluster.Run("status", "nothing").Code);
        Assert.Equal(ExitCode.MissingInput, cluster.Run("status", "..").Code);
        // All fits the width of a terminal, or is cut; here it goes to none.
        var lines = cluster.Done("status", "cuereward").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(9, lines.Length - 1);
        Assert.StartsWith("8 runs, 1 finished, 2 waiting, 2 stopped, 1 failed, 2 lost, 62 steps left", lines[^1]);
    }

    /// <summary>A folder with a finished run, seed 0; a failed one, 1; stopped ones, 2, which was interrupted, and 6, which was not to begin; a lost one, 3.</summary>
    private static void Folder(CopiedProgram cluster)
    {
        cluster.Done(["train", .. Short, "--seed", "0"]);
        Assert.Equal(ExitCode.Failed, cluster.Run("train", "cuereward", "hidden=6", "batch=5", "max_batch=200", "lr=10", "p_lr=1000", "clip=none", "max_grad_norm=none", "--seed", "1").Code);
        foreach (var (seed, signal) in new[] { ("2", "TERM"), ("3", "KILL") })
        {
            using var process = Started(cluster, [.. Long, "--seed", seed]);
            SpinWait.SpinUntil(() => States(cluster).TryGetValue(seed, out var run) && run.Step > 0, TimeSpan.FromMinutes(1));
            Processes.Run(cluster.Folder, "/bin/kill", ["-s", signal, $"{process.Id}"]);
            process.WaitForExit();
        }
        cluster.Done(["submit", .. Short, "--seed", "6", "--engine", "list", "--time", "0:30"]);
        StopFile.Put(Path.Combine(cluster.In("runs"), Directory.GetFiles(cluster.In("runs"), "tasks.jsonl", SearchOption.AllDirectories)
            .Select(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("runs")[0].GetProperty("directory").GetString()!).Single()));
    }

    private static Process Started(CopiedProgram cluster, string[] words) => Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!, [Path.Combine(cluster.Program, "plastic.dll"), "train", .. words, "--quiet"])
    { WorkingDirectory = cluster.Folder })!;

    private static Dictionary<string, (string State, int Step, int Updates, string Job)> States(CopiedProgram cluster) =>
        cluster.Run("status", "cuereward", "--json") is (ExitCode.Ok, var output, _) ? Read(output) : [];

    private static Dictionary<string, (string State, int Step, int Updates, string Job)> Read(string json) =>
        JsonDocument.Parse(json).RootElement.GetProperty("runs").EnumerateArray().ToDictionary(
            run => run.GetProperty("directory").GetString()!.Split("seed=")[1],
            run => (run.GetProperty("state").GetString()!, run.GetProperty("step").GetInt32(), run.GetProperty("updates").GetInt32(), run.GetProperty("job").GetString() ?? ""));
}
