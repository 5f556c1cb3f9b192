using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests.Cluster;

/// <summary>Submissions on a small Slurm of their own: what happens to jobs on a cluster happens here in seconds.</summary>
public sealed class SlurmTests
{
    private static readonly string[] Tiny =
        ["cuereward", "rule=hebbian", "hidden=4", "batch=2", "validation_batches=1", "test_batches=1"];

    [SkippableFact]
    public void It_starts_and_nothing_of_it_is_left()
    {
        string folder;
        using (var slurm = SlurmHere.Start())
        {
            folder = slurm.Folder;
            slurm.Run("sbatch", "--wrap=sleep 100", $"--output={folder}/out.txt");
            slurm.Until(() => slurm.Queue().Any(task => !task.IsWaiting));
            Assert.NotEmpty(ProcessesOf(folder));
        }
        Assert.Empty(ProcessesOf(folder));
        Assert.False(Directory.Exists(folder));
    }

    [SkippableFact]
    public void Runs_that_are_signalled_again_and_again_end_in_the_bytes_of_runs_that_were_not()
    {
        using var slurm = SlurmHere.Start();
        using var cluster = new CopiedProgram(slurm.Environment);
        string[] words = [.. Tiny, "max_batch=6000", "validate_every=50", "--seed", "0..7"];
        cluster.Done(["submit", .. words, "--at-once", "3", "--cpus", "1", "--time", "0:30"]);
        var logs = Path.Combine(Directory.GetDirectories(cluster.In("runs", "cuereward", "submissions")).Single(), "logs");
        string LogOf(int task) => Directory.GetFiles(logs, $"*_{task}.txt") is [var file] ? File.ReadAllText(file) : "";
        int Beginnings(int task) => LogOf(task).Split($"task {task} of ").Length - 1;
        var (signalled, most) = (new HashSet<(int, int)>(), 0);
        slurm.UntilEmpty(queue =>
        {
            var running = queue.Where(task => task is { Task: >= 0, State: "RUNNING" }).ToArray();
            most = Math.Max(most, running.Length);
            foreach (var task in running)
            {
                // As soon as it trains, for the first and for the second time.
                var beginnings = Beginnings(task.Task);
                if (beginnings is 0 or > 2 || !LogOf(task.Task).Split($"task {task.Task} of ")[^1].Contains("validation") || !signalled.Add((task.Task, beginnings))) continue;
                slurm.Signal(task);
            }
        });
        Assert.All(Enumerable.Range(0, 8), task => Assert.Equal(3, Beginnings(task)));
        Assert.All(Enumerable.Range(0, 8), task => Assert.Contains("restart 2", LogOf(task)));
        Assert.Equal(3, most);
        Assert.DoesNotContain("FAILED", slurm.Endings());
        Assert.Single(Directory.GetFiles(cluster.In("figures"), "*.svg", SearchOption.AllDirectories));

        using var whole = new CopiedProgram();
        whole.Done(["train", .. words, "--jobs", "2"]);
        cluster.AssertSameAs(whole);
        // Nothing is left to do.
        var (code, _, messages) = cluster.Run(["submit", .. words]);
        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("8 finished", messages);
        Assert.Contains("nothing is left to submit", messages);
        Assert.Empty(slurm.Queue());
        Assert.Single(Directory.GetDirectories(cluster.In("runs", "cuereward", "submissions")));
    }

    [SkippableFact]
    public void The_jobs_of_a_lost_node_go_on_elsewhere_although_their_old_processes_still_train()
    {
        string folder;
        using (var slurm = SlurmHere.Start())
        {
            folder = slurm.Folder;
            using var cluster = new CopiedProgram(slurm.Environment);
            string[] words = [.. Tiny, "max_batch=3000", "validate_every=500", "--seed", "0..1"];
            // One on each node.
            cluster.Done(["submit", .. words, "--cpus", "2", "--time", "0:30"]);
            var runs = RunFolders.Under;
            slurm.Until(() => runs(cluster.In("runs")).Count(path => RunSummary.Of(path).IsTraining) == 2);
            var orphan = runs(cluster.In("runs")).Select(path => RunStatus.Read(path)!.Process!.Value)
                .Single(process => TextOf($"/proc/{process}/environ").Split('\0').Contains("SLURMD_NODENAME=n1"));
            void Signal(string name) => Processes.Run("/", "kill", ["-s", name, $"{orphan}"]);
            try
            {
                // Slow, as a process on a machine in trouble is: it has its run until it wakes.
                Signal("STOP");
                slurm.Node("n1", isUp: false);
                string Logs() => string.Concat(Directory.GetFiles(cluster.In("runs"), "*_?.txt", SearchOption.AllDirectories).Select(File.ReadAllText));
                slurm.Until(() => Logs().Split("restart 1")[^1].Contains("by another process"));
            }
            finally
            {
                Signal("CONT");
            }
            slurm.UntilEmpty();
            slurm.Node("n1", isUp: true);
            Assert.DoesNotContain("FAILED", slurm.Endings());
            slurm.Until(() => !Path.Exists($"/proc/{orphan}"));

            using var whole = new CopiedProgram();
            whole.Done(["train", .. words, "--jobs", "2"]);
            cluster.AssertSameAs(whole);
        }
        Assert.Empty(ProcessesOf(folder));
    }

    [SkippableFact]
    public void No_run_is_in_two_jobs_and_a_hundred_and_twenty_are_one_array()
    {
        using var slurm = SlurmHere.Start();
        using var cluster = new CopiedProgram(slurm.Environment);
        string[] words = ["submit", .. Tiny, "max_batch=5", "--time", "0:30", "--sbatch", "--hold --comment='a b'"];
        cluster.Done([.. words, "--seed", "0..119"]);
        var queue = slurm.Queue().Where(task => task.Task >= 0).ToArray();
        Assert.Equal(Enumerable.Range(0, 120), queue.Select(task => task.Task).Order());
        Assert.Single(queue.Select(task => task.Job).Distinct());

        // The same runs and ten more: only these.
        Assert.Contains("120 in jobs", cluster.Run([.. words, "--seed", "0..129"]).Errors);
        Assert.Equal(130, slurm.Queue().Count(task => task.Task >= 0));
        // What is cancelled is in no job any more.
        slurm.Run("scancel", "--user=root");
        slurm.UntilEmpty();
        cluster.Done([.. words, "--seed", "3"]);
        Assert.Single(slurm.Queue(), task => task.Task >= 0);
    }

    [SkippableFact]
    public void Longer_sweeps_are_several_arrays_that_share_how_many_run_at_once()
    {
        using var slurm = SlurmHere.Start(cpus: 4, longestArray: 11);
        using var cluster = new CopiedProgram(slurm.Environment);
        string[] words = [.. Tiny, "max_batch=5", "validate_every=5", "--seed", "0..24"];
        cluster.Done(["submit", .. words, "--at-once", "4", "--cpus", "1", "--time", "0:30"]);
        Assert.Equal(3, slurm.Queue().Where(task => task.Task >= 0).Select(task => task.Job).Distinct().Count());
        var most = 0;
        slurm.UntilEmpty(queue => most = Math.Max(most, queue.Count(task => task is { Task: >= 0, State: "RUNNING" })));
        Assert.InRange(most, 2, 4);
        Assert.Equal(25, RunFolders.Under(cluster.In("runs")).Count(RunDirectory.IsFinished));
        Assert.All(slurm.Endings(), ending => Assert.Equal("COMPLETED", ending));
    }

    [SkippableFact]
    public void Tasks_that_wait_run_the_program_that_was_submitted_in_a_folder_of_any_name()
    {
        using var slurm = SlurmHere.Start();
        using var cluster = new CopiedProgram(slurm.Environment);
        var folder = cluster.In("it's \"$HOME\" `x` %A é 漢\nnew");
        Directory.CreateDirectory(folder);
        string[] words = [.. Tiny, "max_batch=5", "--time", "0:30"];
        var (code, _, errors) = cluster.RunIn(folder, ["submit", .. words, "--sbatch", "--hold"]);
        Assert.True(code == ExitCode.Ok, errors);
        // A build would replace it; this one does not even start.
        File.WriteAllText(Path.Combine(cluster.Program, "plastic.dll"), "none");
        foreach (var job in slurm.Queue().Select(task => task.Job).Distinct()) slurm.Run("scontrol", "release", job);
        slurm.UntilEmpty();
        Assert.All(slurm.Endings(), ending => Assert.Equal("COMPLETED", ending));
        Assert.True(RunDirectory.IsFinished(RunFolders.Under(Path.Combine(folder, "runs")).Single()));
        Assert.Single(Directory.GetFiles(Path.Combine(folder, "figures"), "*.svg", SearchOption.AllDirectories));
    }

    [SkippableFact]
    public void What_sbatch_refuses_leaves_nothing_that_counts_as_submitted()
    {
        using var slurm = SlurmHere.Start(longestArray: 11);
        using var cluster = new CopiedProgram(slurm.Environment);
        string[] words = ["submit", .. Tiny, "max_batch=5", "--time", "0:30", "--seed", "0..24"];
        foreach (var option in new[] { "--partition=nowhere", "--mem=99999999" })
        {
            var (code, output, errors) = cluster.Run([.. words, "--sbatch", option]);
            Assert.Equal((ExitCode.Configuration, ""), (code, output));
            // sbatch's own words, on one line.
            Assert.Matches("^plastic: sbatch: .*(partition|node configuration).*\n$", errors);
            Assert.Empty(Directory.GetFileSystemEntries(cluster.In("runs", "cuereward", "submissions")));
            Assert.Empty(slurm.Queue());
        }
        cluster.Done([.. words, "--sbatch", "--hold"]);
        Assert.Equal(25, slurm.Queue().Count(task => task.Task >= 0));
    }

    /// <summary>The processes that name a folder in their command line or environment.</summary>
    private static string[] ProcessesOf(string folder) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(process => int.TryParse(Path.GetFileName(process), out var id) && id != Environment.ProcessId)
            .Where(process => new[] { "cmdline", "environ" }.Any(file => TextOf(Path.Combine(process, file)).Contains(folder, StringComparison.Ordinal))),
    ];

    private static string TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
