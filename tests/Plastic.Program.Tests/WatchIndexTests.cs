using Plastic.Host;
using Plastic.Settings;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>What `watch` knows of runs, and what it reads to know it.</summary>
public sealed class WatchIndexTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-test-");

    private string Root => Path.Combine(folder.FullName, "runs");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Nothing_is_read_twice_that_has_not_changed()
    {
        var runs = MadeRuns.Of("cuereward", "rule=hebbian", "seed=0..4");
        foreach (var run in runs) MadeRuns.Make(Root, run);
        var paused = MadeRuns.Make(Root, MadeRuns.Of("cuereward", "rule=oja")[0], RunState.Running, 0.5, RunOwner.Current);
        MadeRuns.Age(Root);
        var index = new RunIndex(Root);
        index.Refresh();
        var first = index.Reads;
        // Settings, state, metrics and times of each, and the tests of those that are finished.
        Assert.Equal(5 * 5 + 4, first);
        var version = Version(index);
        for (var k = 0; k < 3; k++) index.Refresh();
        Assert.Equal(first, index.Reads);
        Assert.Equal(version, Version(index));

        File.AppendAllText(Path.Combine(paused, RunDirectory.MetricsFile), MadeRuns.Validation(1_000_000, 0.05));
        index.Refresh();
        Assert.Equal(first + 1, index.Reads);
        Assert.Equal(1_000_000, Assert.Single(Changed(index, version)).Step);
    }

    [Fact]
    public void Lines_are_read_from_where_they_were_and_again_where_they_were_cut()
    {
        var path = MadeRuns.Make(Root, MadeRuns.Of("cuereward")[0], RunState.Running, 0, RunOwner.Current);
        var file = Path.Combine(path, RunDirectory.MetricsFile);
        var index = new RunIndex(Root);
        void Holds(params (int, double)[] expected)
        {
            index.Refresh();
            Assert.Equal(expected, index.Read(state => state.Runs.Single().Series[Shown.Validation].ToArray()));
        }

        File.WriteAllText(file, MadeRuns.Validation(0, 0.5) + MadeRuns.Validation(10, 0.4));
        Holds((0, 0.5), (10, 0.4));
        // Half a line waits for its other half.
        var line = MadeRuns.Validation(20, 0.3);
        File.AppendAllText(file, line[..12]);
        Holds((0, 0.5), (10, 0.4));
        File.AppendAllText(file, line[12..]);
        Holds((0, 0.5), (10, 0.4), (20, 0.3));
        // Cut at a checkpoint: shorter, then as long as it was, with another end.
        File.WriteAllText(file, MadeRuns.Validation(0, 0.5));
        Holds((0, 0.5));
        File.AppendAllText(file, MadeRuns.Validation(10, 0.4));
        Holds((0, 0.5), (10, 0.4));
        File.WriteAllText(file, MadeRuns.Validation(0, 0.5) + MadeRuns.Validation(10, 0.9) + MadeRuns.Validation(20, 0.8));
        Holds((0, 0.5), (10, 0.9), (20, 0.8));
        // What is no line of metrics is left out, and what follows is not.
        File.AppendAllText(file, "{\"step\":25,\"validation_loss\":1e999}\nnothing\n{\"step\":\"<script>\"}\n" + MadeRuns.Validation(30, 0.7));
        Holds((0, 0.5), (10, 0.9), (20, 0.8), (30, 0.7));
        File.Delete(file);
        Holds();
    }

    [Fact]
    public void Runs_come_change_and_go()
    {
        var runs = MadeRuns.Of("cuereward", "seed=0..2");
        MadeRuns.Make(Root, runs[0]);
        MadeRuns.Make(Root, runs[1], RunState.Failed, 0.3, message: "the loss is NaN");
        var lost = MadeRuns.Make(Root, runs[2], RunState.Running, 0.3, new RunOwner(Environment.MachineName, int.MaxValue, 1));
        var index = new RunIndex(Root);
        index.Refresh();
        Assert.Equal(["finished", "failed", "lost"], index.Read(state => state.Runs.Select(run => run.Kind).ToArray()));
        var version = Version(index);

        // It is finished after all, and another is deleted.
        MadeRuns.Make(Root, runs[2]);
        Directory.Delete(Path.Combine(Root, runs[1].Directory), recursive: true);
        index.Refresh();
        Assert.Equal("finished", Assert.Single(Changed(index, version)).Kind);
        Assert.True(index.Read(state => state.Left) > version);
        Assert.Equal(new[] { runs[0], runs[2] }.Select(run => new RunPlace(run.Directory).Id).Order(), index.Read(state => state.Ids.ToArray()).Order());
        AtomicFile.Write(Path.Combine(lost, RunDirectory.ConfigFile), "nothing");
        index.Refresh();
        Assert.Equal(["finished", "unreadable"], index.Read(state => state.Runs.Select(run => run.Kind).ToArray()));
    }

    [Fact]
    public void What_a_command_will_train_waits_until_it_begins()
    {
        string[] words = ["cuereward", "rule=hebbian,oja", "hidden=7", "--seed", "0..1"];
        var runs = MadeRuns.Of(words);
        var command = CommandText.Of(["train", .. words, "--out", "a 'b' \\"]) + "\n";
        File.WriteAllText(Path.Combine(MadeRuns.Make(Root, runs[0], RunState.Running, 0.5, RunOwner.Current), RunDirectory.CommandFile), command);
        StopFile.Put(Path.Combine(Root, runs[3].Directory));
        var index = new RunIndex(Root);
        index.Refresh();
        string[] Waiting() => index.Read(state => state.Waiting.Select(run => run.Place.Path).ToArray());
        Assert.Equal([runs[1].Directory, runs[2].Directory], Waiting());
        File.WriteAllText(Path.Combine(MadeRuns.Make(Root, runs[1], RunState.Running, 0.1, RunOwner.Current), RunDirectory.CommandFile), command);
        var version = Version(index);
        index.Refresh();
        Assert.Equal([runs[2].Directory], Waiting());
        // It has become another thing under the same id, and is not gone.
        Assert.Equal(0, index.Read(state => state.Left));
        MadeRuns.Make(Root, runs[0], RunState.Interrupted, 0.5);
        MadeRuns.Make(Root, runs[1], RunState.Interrupted, 0.5);
        index.Refresh();
        Assert.Empty(Waiting());
        Assert.Equal(Version(index), index.Read(state => state.Left));
    }

    [Fact]
    public void What_was_submitted_waits_while_its_task_is_in_the_queue()
    {
        var runs = MadeRuns.Of("cuereward", "rule=hebbian", "--seed", "0..2");
        void Submit(string time, JobFacts[] arrays, params Run[] given)
        {
            var submission = Directory.CreateDirectory(Path.Combine(Root, "cuereward", RunFolders.Submissions, time)).FullName;
            File.WriteAllText(
                Path.Combine(submission, Submission.TasksFile),
                string.Concat(given.Select(run => MadeRuns.Line(new TaskLine([TaskRun.Of(run, run.Directory, null)])))));
            File.WriteAllText(
                Path.Combine(submission, Submission.FactsFile),
                JsonText.Document(new SubmissionFacts("cuereward", "plastic submit", "now", "slurm", 1, given.Length, 1, 100, 10, arrays)));
        }
        Submit("1", [new JobFacts("7", 0, 2, "sbatch")], runs[0], runs[1]);
        Submit("2", [], runs[2]);
        // One whose tasks lie elsewhere tells nothing.
        Submit("3", [], runs[0]);
        var tasks = Path.Combine(Root, "cuereward", RunFolders.Submissions, "3", Submission.TasksFile);
        File.Move(tasks, Path.Combine(folder.FullName, "tasks"));
        File.CreateSymbolicLink(tasks, Path.Combine(folder.FullName, "tasks"));
        var asked = 0;
        var index = new RunIndex(Root, () =>
        {
            Interlocked.Increment(ref asked);
            return SlurmText.Queue("7 1 PENDING\n8 0 PENDING\n");
        });
        string[] Waiting() => index.Read(state => state.Waiting.Select(run => run.Place.Path).ToArray());
        // The queue is asked aside.
        for (var k = 0; k < 3000 && Waiting().Length < 2; k++)
        {
            Thread.Sleep(20);
            index.Refresh();
        }
        Assert.Equal([runs[1].Directory, runs[2].Directory], Waiting().Order());
        MadeRuns.Make(Root, runs[1], RunState.Interrupted, 0.1);
        index.Refresh();
        Assert.Equal([runs[2].Directory], Waiting());
        Assert.Equal(1, asked);
        Assert.Single(index.Read(state => state.Runs.ToArray()));
    }

    [Fact]
    public void Links_are_not_followed()
    {
        var outside = Path.Combine(folder.FullName, "outside");
        var run = MadeRuns.Of("cuereward")[0];
        MadeRuns.Make(outside, run);
        Directory.CreateDirectory(Root);
        Directory.CreateSymbolicLink(Path.Combine(Root, "elsewhere"), outside);
        Directory.CreateSymbolicLink(Path.Combine(Root, "itself"), Root);
        var index = new RunIndex(Root);
        index.Refresh();
        Assert.Empty(index.Read(state => state.Runs.ToArray()));

        // Nor is a file of a run.
        var path = MadeRuns.Make(Root, run);
        foreach (var name in new[] { RunDirectory.MetricsFile, RunDirectory.TestFile, RunDirectory.StatusFile })
        {
            File.Delete(Path.Combine(path, name));
            File.CreateSymbolicLink(Path.Combine(path, name), Path.Combine(outside, run.Directory, name));
        }
        index.Refresh();
        var found = index.Read(state => state.Runs.Single());
        Assert.Equal(("unreadable", 0), (found.Kind, found.Series[Shown.Validation].Count));
        Assert.Null(found.Test);
    }

    [Fact]
    public void Curves_of_thousands_of_points_are_thinned_and_keep_their_ends()
    {
        for (var count = 1; count < 700; count += 7)
        {
            int[] all = [.. Enumerable.Range(0, count)];
            var thin = Thinning.Of(all, 300);
            Assert.Equal(Math.Min(count, 300), thin.Distinct().Count());
            Assert.Equal((0, count - 1), (thin[0], thin[^1]));
            Assert.Equal(thin.Order(), thin);
        }
    }

    private static long Version(RunIndex index) => index.Read(state => state.Version);

    private static WatchedRun[] Changed(RunIndex index, long version) => index.Read(state => state.Runs.Where(run => run.Version > version).ToArray());
}
