using System.Text.Json;
using Plastic.CommandLine;
using Plastic.Host;
using Plastic.Settings;
using Xunit;

namespace Plastic.Program.Tests.Cluster;

/// <summary>Submissions without Slurm: for other engines, what a task does, and what is written.</summary>
public sealed class SubmitTests
{
    private static readonly string[] Tiny =
        ["cuereward", "hidden=4", "batch=2", "max_batch=20", "validate_every=10", "validation_batches=1", "test_batches=1"];

    [Fact]
    public void Another_engine_gets_one_command_a_line_and_short_runs_are_packed()
    {
        using var cluster = new CopiedProgram();
        // Networks of three kinds, which one task trains one after the other.
        string[] words = [.. Tiny, "rule=hebbian,none,oja", "cell=RNN,LSTM", "--seed", "0..1"];
        cluster.Done(["submit", .. words, "--engine", "list", "--cpus", "1"]);
        var submission = Submitted(cluster);
        var commands = File.ReadAllLines(Path.Combine(submission, "commands.txt"));
        var command = Assert.Single(commands);
        Assert.EndsWith($"work {ShellText.Quote(submission)} 0 --threads 1", command);
        Assert.Equal(12, Lines(submission).Single().GetProperty("runs").GetArrayLength());
        var (code, _, errors) = Processes.Run("/", "sh", ["-c", command]);
        Assert.True(code == 0, errors);

        using var whole = new CopiedProgram();
        whole.Done(["train", .. words, "--jobs", "2"]);
        cluster.AssertSameAs(whole);
        Assert.Contains("nothing is left to submit", cluster.Run(["submit", .. words, "--engine", "list"]).Errors);
    }

    [Fact]
    public void With_a_time_limit_nothing_is_measured_and_each_run_is_a_task()
    {
        using var session = new Session();
        string[] words = ["submit", .. Tiny, "--seed", "0..4", "--engine", "list", "--time", "2:00", "--out", session.Out];
        var shown = session.Run([.. words, "--dry-run", "--json"]);
        var document = JsonDocument.Parse(shown.Output).RootElement;
        Assert.Equal(5, document.GetProperty("tasks").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, document.GetProperty("seconds_estimated").ValueKind);
        Assert.Equal(5, document.GetProperty("commands").GetArrayLength());
        // A dry run writes nothing, not even a folder.
        Assert.Empty(session.Everything());
    }

    [Fact]
    public void A_task_does_not_begin_stopped_runs_and_goes_on_after_failed_ones()
    {
        using var session = new Session();
        // The first run fails at once; the second is stopped, the third is neither.
        var bad = session.Run("submit", "cuereward", "hidden=6", "batch=5", "max_batch=200", "lr=10", "p_lr=1000", "clip=none", "max_grad_norm=none", "--engine", "list", "--out", session.Out);
        Assert.Equal(ExitCode.Ok, bad.Code);
        var first = Submitted(session);
        Assert.Equal(ExitCode.Ok, session.Run(["submit", .. Tiny, "--seed", "0..1", "--engine", "list", "--out", session.Out]).Code);
        var second = Submitted(session, after: first);
        var lines = File.ReadAllText(Path.Combine(first, "tasks.jsonl")) + File.ReadAllText(Path.Combine(second, "tasks.jsonl"));
        File.WriteAllText(Path.Combine(second, "tasks.jsonl"), lines.Replace("]}\n{\"runs\":[", ","));
        StopFile.Put(PathOf(session, second, run: 1));

        var ended = session.Run("work", second, "0");
        Assert.Equal(ExitCode.Failed, ended.Code);
        Assert.Equal(["failed", "stopped", "test"], ended.Results.Select(line => line.Split(": ")[1].Split(' ')[0]));
        Assert.False(Directory.Exists(PathOf(session, second, run: 1)));
        Assert.True(RunDirectory.IsFinished(PathOf(session, second, run: 2)));
        // Stopped is not failed; the wish ends when the run is asked for again.
        File.WriteAllText(Path.Combine(second, "tasks.jsonl"), lines.Split('\n')[1] + "\n");
        Assert.Equal(ExitCode.Ok, session.Run("work", second, "0").Code);
        session.Run(["submit", .. Tiny, "--seed", "0..1", "--engine", "list", "--out", session.Out]);
        Assert.False(StopFile.IsThere(PathOf(session, second, run: 0)));
    }

    [Fact]
    public void The_third_restart_at_the_same_step_is_refused_and_the_other_runs_finish()
    {
        using var cluster = new CopiedProgram();
        cluster.Done(["submit", .. Tiny, "--seed", "0..1", "--engine", "list"]);
        var submission = Submitted(cluster);
        var run = Path.Combine(cluster.In("runs"), Lines(submission)[0].GetProperty("runs")[0].GetProperty("directory").GetString()!);
        (ExitCode Code, string Errors) Work(int restart)
        {
            var (code, _, errors) = Processes.Run(
                cluster.Folder, "dotnet", [Path.Combine(cluster.Program, "plastic.dll"), "work", submission, "0"],
                new Dictionary<string, string> { [Restarts.Variable] = $"{restart}" });
            return ((ExitCode)code, errors);
        }

        // Another process has it all the while: nothing goes on.
        using (RunClaim.Take(run))
        {
            for (var restart = 0; restart < 3; restart++)
            {
                // However often a task looks.
                for (var look = 0; look < (restart == 1 ? 3 : 1); look++) Assert.Equal(ExitCode.Exists, Work(restart).Code);
            }
            var (code, errors) = Work(3);
            Assert.Equal(ExitCode.Failed, code);
            Assert.Contains("3 times at step 0 and got no further", errors);
        }
        var other = Path.Combine(cluster.In("runs"), Lines(submission)[0].GetProperty("runs")[1].GetProperty("directory").GetString()!);
        Assert.True(RunDirectory.IsFinished(other));
        // Who submits it again begins anew.
        cluster.Done(["submit", .. Tiny, "--seed", "0..1", "--engine", "list"]);
        cluster.Done("work", Directory.GetDirectories(cluster.In("runs", "cuereward", "submissions")).Order(StringComparer.Ordinal).Last(), "0");
        Assert.True(RunDirectory.IsFinished(run));
    }

    [Fact]
    public void The_code_of_a_rule_and_the_place_of_data_go_with_the_submission()
    {
        using var session = new Session();
        var rule = CodeFiles.Write(session, "it's mine.fsx", CodeFiles.Rule("submitted", "layer.Pre, layer.Post"));
        string[] words = [.. Tiny, $"rule={rule}", "--out", session.Out];
        Assert.Equal(ExitCode.Ok, session.Run(["submit", .. words, "--engine", "list"]).Code);
        var submission = Submitted(session);
        Assert.EndsWith(" --trust", File.ReadAllLines(Path.Combine(submission, "commands.txt")).Single());
        // What the file holds by the time that the task begins does not matter; whether the user has named it does.
        File.WriteAllText(rule, "none");
        CodeFiles.Forget();
        Assert.Equal(ExitCode.NotTrusted, session.Run("work", submission, "0").Code);
        Assert.Equal(ExitCode.Ok, session.Run("work", submission, "0", "--trust").Code);
        Assert.True(RunDirectory.IsFinished(PathOf(session, submission, run: 0)));
    }

    [Theory]
    [InlineData("--time must be hours and minutes", "submit", "cuereward", "--time", "90")]
    [InlineData("--time must be hours and minutes", "submit", "cuereward", "--time", "1:7")]
    [InlineData("--time must be at least 0:05", "submit", "cuereward", "--time", "0:04")]
    [InlineData("--at-once must be", "submit", "cuereward", "--at-once", "0")]
    [InlineData("--engine must be slurm or list", "submit", "cuereward", "--engine", "pbs")]
    [InlineData("a quote that is not closed", "submit", "cuereward", "--sbatch", "-p 'x")]
    [InlineData("--sbatch is for --engine slurm", "submit", "cuereward", "--sbatch", "-p x", "--engine", "list")]
    [InlineData("trains nothing", "submit", "cuereward_large_test")]
    [InlineData("needs the folder of a submission and the number", "work", "x")]
    [InlineData("TASK must be a whole number", "work", "x", "first")]
    [InlineData("needs the name of an experiment", "status")]
    public void Command_lines_that_cannot_be_carried_out_are_refused(string why, params string[] words)
    {
        var rejected = Assert.IsType<Rejected>(CommandParser.Parse(words, new DeferredLoader()).Command);
        Assert.True(rejected.IsUsage);
        Assert.Contains(why, rejected.Message);
    }

    [Fact]
    public void A_folder_whose_commands_would_take_two_lines_is_refused()
    {
        using var cluster = new CopiedProgram();
        var folder = cluster.In("a\nb");
        Directory.CreateDirectory(folder);
        var (code, output, errors) = cluster.RunIn(folder, ["submit", .. Tiny, "--engine", "list"]);
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.Matches("^plastic: .* has a line break in its path.*--out\n$", errors);
        Assert.Empty(RunFolders.Under(folder));
    }

    [Fact]
    public void Without_Slurm_submit_says_so_on_one_line_and_writes_nothing()
    {
        using var cluster = new CopiedProgram(new Dictionary<string, string> { ["PATH"] = Dotnet });
        var (code, output, errors) = cluster.Run(["submit", .. Tiny]);
        Assert.Equal((ExitCode.Configuration, ""), (code, output));
        Assert.Matches("^plastic: scontrol was not found: .*--engine list.*\n$", errors);
        Assert.Empty(Directory.GetFileSystemEntries(cluster.Folder));
    }

    /// <summary>The folder of dotnet alone.</summary>
    internal static string Dotnet => Path.GetDirectoryName(Environment.ProcessPath)!;

    private static string Submitted(CopiedProgram cluster) => Directory.GetDirectories(cluster.In("runs", "cuereward", "submissions")).Single();

    private static string Submitted(Session session, string? after = null) =>
        Directory.GetDirectories(Path.Combine(session.Out, "runs", "cuereward", "submissions")).Single(path => path != after);

    private static JsonElement[] Lines(string submission) =>
        [.. File.ReadAllLines(Path.Combine(submission, "tasks.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string PathOf(Session session, string submission, int run) => Path.Combine(
        session.Out, "runs", Lines(submission).SelectMany(line => line.GetProperty("runs").EnumerateArray()).ElementAt(run).GetProperty("directory").GetString()!);
}
