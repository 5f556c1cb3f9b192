using System.Diagnostics;
using Plastic.Settings;
using Xunit;

namespace Plastic.Program.Tests.Cluster;

/// <summary>A small Slurm on this machine (tests/slurm-here), which ends with the test.</summary>
internal sealed class SlurmHere : IDisposable
{
    private static readonly string Script = Path.Combine(ReadmeTests.Root, "tests", "slurm-here");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // Its sockets have names with the whole path, which must be short.
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("slurm-");

    private SlurmHere()
    {
    }

    /// <summary>Starts one with two nodes, of so many processors; skips the test where it is not installed.</summary>
    public static SlurmHere Start(int cpus = 2, int longestArray = 1001)
    {
        var slurm = new SlurmHere();
        var (code, printed, errors) = slurm.Tell("start", "2", $"{cpus}", $"{longestArray}");
        if (code != 0) slurm.Dispose();
        Skip.If(code == 77, "slurm-wlm and munge are not installed, or this is not root");
        Assert.True(code == 0, printed + errors);
        return slurm;
    }

    /// <summary>What programs need to find it.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["SLURM_CONF"] = Path.Combine(folder.FullName, "slurm.conf") };

    /// <summary>Its folder.</summary>
    public string Folder => folder.FullName;

    /// <summary>Kills the daemon of a node, whose jobs it leaves alone, or starts it again.</summary>
    public void Node(string name, bool isUp) => Tell(isUp ? "start-node" : "kill-node", name);

    /// <summary>Runs one of its commands, and returns what it prints.</summary>
    public string Run(string program, params string[] words)
    {
        var (code, printed, errors) = Processes.Run(folder.FullName, program, words, Environment);
        Assert.True(code == 0, $"{program} {string.Join(' ', words)}: {errors}");
        return printed;
    }

    /// <summary>
    /// Sends USR1 to a task's script. scancel goes on trying when the task ends of it, and would signal its restart: it is ended after a while.
    /// </summary>
    public void Signal(QueuedTask task)
    {
        var start = new ProcessStartInfo("timeout", ["0.7", "scancel", "--signal=USR1", "--batch", $"{task.Job}_{task.Task}"]) { RedirectStandardError = true };
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        Process.Start(start)!.Dispose();
    }

    /// <summary>The tasks that wait and run.</summary>
    public IReadOnlyList<QueuedTask> Queue() => SlurmText.Queue(Run("squeue", "--noheader", "--array", $"--format={SlurmText.QueueFormat}"));

    /// <summary>How every job that ended has ended, in Slurm's words.</summary>
    public IReadOnlyList<string> Endings() =>
    [
        .. File.ReadAllText(Path.Combine(folder.FullName, "jobs.txt")).Split(' ')
            .Where(word => word.StartsWith("JobState=", StringComparison.Ordinal)).Select(word => word["JobState=".Length..]),
    ];

    /// <summary>Looks again and again, until nothing waits or runs.</summary>
    public void UntilEmpty(Action<IReadOnlyList<QueuedTask>>? look = null) => Until(() =>
    {
        var queue = Queue();
        look?.Invoke(queue);
        return queue.Count == 0;
    });

    /// <summary>Waits until something is so.</summary>
    public void Until(Func<bool> isSo)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(clock.Elapsed < Patience, $"not so after {Patience}: {Run("squeue")}");
            Thread.Sleep(100);
        }
    }

    /// <summary>Ends it, with its jobs.</summary>
    public void Dispose()
    {
        Tell("stop");
        folder.Delete(recursive: true);
    }

    private (int Code, string Printed, string Errors) Tell(string command, params string[] words)
    {
        // Daemons keep what they inherit: their output is a file of theirs, and nothing here waits for it.
        return Processes.Run(folder.FullName, "bash", [Script, command, folder.FullName, .. words]);
    }
}
