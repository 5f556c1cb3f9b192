using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Host;
using Plastic.Settings;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>What image sets may be called: every command takes a set that was imported, and the task of a set is called as its folder.</summary>
public sealed class ImageNameTests : IDisposable
{
    private static readonly MadeImages images = new(seed: 3);
    private static readonly string[] Small =
        ["encoder_width=1", "schedule=constant", "hidden=8", "batch=1", "max_batch=1", "validate_every=1", "validation_batches=1", "test_batches=1"];

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("plastic-names-");
    private readonly Session session = new();

    public void Dispose()
    {
        session.Dispose();
        root.Delete(recursive: true);
    }

    [Fact]
    public void What_an_import_takes_every_command_takes()
    {
        var name = new string('a', 50) + "_09AZz";
        images.WriteFolders(root.FullName, "");
        Assert.Equal(ExitCode.Ok, session.Run("data", "import", root.FullName, "--name", name, "--data", Sets, "--side", "16").Code);
        Assert.Equal((ExitCode.Ok, ""), Program(["train", "fewshot_" + name, .. Small]));
        var run = Path.GetDirectoryName(Directory.GetFiles(root.FullName, "config.json", SearchOption.AllDirectories).Single())!;
        foreach (var words in new string[][] { ["eval", run], ["resume", run, "max_batch=2"], ["show", run], ["export", run, "-o", Path.Combine(root.FullName, "x.npz")] })
        {
            var ended = session.Run(words);
            Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        }
    }

    [Theory]
    [InlineData("my-set", "my_set")]
    [InlineData("my.set", "my_set")]
    [InlineData("été", "_t_")]
    [InlineData("../x", "___x")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456", "a123456789b123456789c123456789d123456789e123456789f12345")]
    public void Another_name_is_refused_and_one_that_would_do_is_said(string name, string good)
    {
        images.WriteFolders(root.FullName, "");
        var ended = session.Run("data", "import", root.FullName, "--name", name, "--data", Sets, "--side", "16");
        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.EndsWith($"not '{name}'; {good} would do", Assert.Single(ended.Messages));
        Assert.False(Directory.Exists(Sets));
        Assert.Equal(ended.Messages, session.Run("data", "get", "signs", "--name", name, "--data", Sets).Messages);
        ended = session.Run("data", "import", root.FullName, "--name", good, "--data", Sets, "--side", "16");
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
    }

    [Fact]
    public void A_set_is_called_as_its_folder()
    {
        MadeSet.Write(Sets, side: 16, seed: 1);
        Directory.Move(Path.Combine(Sets, MadeSet.Name), Path.Combine(Sets, "my-set"));
        var (code, errors) = Program(["train", "fewshot_my-set", .. Small]);
        Assert.Equal(ExitCode.BadData, code);
        Assert.Contains("data/my-set: an image set's name has 1 to 56 ASCII letters, digits and '_', not 'my-set'; my_set would do: rename the folder", Assert.Single(errors.Split('\n')));
        var ended = session.Train($"data={Path.Combine(Sets, "my-set")}", Small);
        Assert.Equal(ExitCode.BadData, ended.Code);
        Assert.Contains("my_set would do: rename the folder", Assert.Single(ended.Messages));
        Directory.Move(Path.Combine(Sets, "my-set"), Path.Combine(Sets, "my_set"));
        Assert.StartsWith("my_set  16 × 16", Assert.Single(session.Run("data", "list", "--data", Sets).Results));
        Assert.Equal((ExitCode.Ok, ""), Program(["train", "fewshot_my_set", .. Small]));
    }

    [Fact]
    public void Tasks_of_sets_that_are_at_hand_are_listed()
    {
        MadeSet.Write(Sets, side: 16, seed: 1);
        Directory.CreateDirectory(Path.Combine(Sets, "empty"));
        File.WriteAllText(Path.Combine(Sets, "empty", "images.json"), "{}");
        var (code, results, errors) = Processes.Run(root.FullName, "dotnet", [typeof(Application).Assembly.Location, "list", "tasks"]);
        Assert.Equal(0, code);
        var line = Assert.Single(results.Split('\n'), line => line.StartsWith("fewshot_made ", StringComparison.Ordinal));
        Assert.Contains("7 classes to train on, 7 to validate, 7 to test", line);
        Assert.StartsWith("plastic: warning: data/empty/images.json: ", Assert.Single(errors.Trim().Split('\n')));
        Assert.Contains("get it with: plastic data get signs", results);
        Directory.Move(Path.Combine(Sets, "made"), Path.Combine(Sets, "signs"));
        Directory.Delete(Path.Combine(Sets, "empty"), recursive: true);
        (_, results, errors) = Processes.Run(root.FullName, "dotnet", [typeof(Application).Assembly.Location, "list", "tasks"]);
        // Its size is not that of signs.
        Assert.Contains("a set called signs has 32 × 32 pixels", errors);
    }

    [Fact]
    public void A_missing_set_was_looked_for_somewhere()
    {
        var (code, _, errors) = Processes.Run(
            root.FullName, "dotnet", [typeof(Application).Assembly.Location, "train", "fewshot_signs"], new Dictionary<string, string> { [ImageFolder.Variable] = "mistyped" });
        Assert.Equal((int)ExitCode.MissingInput, code);
        Assert.EndsWith($"plastic data get signs (looked for in {Path.Combine(root.FullName, "mistyped")}, which PLASTIC_DATA names; there is no such folder)", Assert.Single(errors.Trim().Split('\n')));
        var unknown = session.Run("train", "fewshot_mine");
        Assert.Equal(ExitCode.MissingInput, unknown.Code);
        Assert.Contains("the image set 'mine' is not here: import it with: plastic data import FOLDER --name mine (looked for in ", Assert.Single(unknown.Messages));
    }

    [Theory]
    [InlineData("fewshot_signs", "shuffled")]
    [InlineData("fewshot_cifar_fs", "sorted")]
    [InlineData("fewshot_mini_imagenet", "sorted")]
    [InlineData("made", "shuffled")]
    public void Labels_are_in_the_order_of_the_classes_only_where_that_is_published(string task, string labels)
    {
        if (task == "made") task = $"data={MadeSet.Write(Sets, side: 16, seed: 1)}";
        Assert.Contains(session.Run("config", task, "rule=none", "cell=RNN").Results, line => line.Split('=', ' ')[0] == "labels" && line.Contains(labels));
    }

    [Theory]
    [InlineData("signs", "the image set signs is not here: get it with: plastic data get signs")]
    [InlineData("own", "the image set 'own' is not here: import it with: plastic data import FOLDER --name own (looked for in ")]
    public void Figures_without_the_images_are_refused_and_those_that_were_drawn_stay(string name, string because)
    {
        MadeSet.Write(Sets, side: 32, seed: 1);
        Directory.Move(Path.Combine(Sets, MadeSet.Name), Path.Combine(Sets, name));
        var task = "fewshot_" + name;
        Assert.Equal((ExitCode.Ok, ""), Program(["train", task, .. Small]));
        Assert.Equal((ExitCode.Ok, ""), Program(["figures", task, .. Small]));
        var csv = Directory.GetFiles(root.FullName, "accuracy*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(2, csv.Length);
        Assert.All(csv, file => Assert.EndsWith(",chance,nearest_pixels", File.ReadLines(file).First()));
        Directory.Move(Path.Combine(Sets, name), Path.Combine(Sets, "away"));
        string[] before = [.. csv.Select(File.ReadAllText)];
        foreach (var command in new[] { "figures", "report" })
        {
            var (code, errors) = Program([command, task, .. Small]);
            Assert.Equal(ExitCode.MissingInput, code);
            Assert.Contains(because, Assert.Single(errors.Split('\n')));
        }
        Assert.Equal(before, csv.Select(File.ReadAllText));
        Assert.False(Directory.Exists(Path.Combine(root.FullName, "reports")));
    }

    [Fact]
    public void All_figures_take_the_images_that_are_here()
    {
        MadeSet.Write(Sets, side: 32, seed: 1);
        Directory.Move(Path.Combine(Sets, MadeSet.Name), Path.Combine(Sets, "signs"));
        var plans = ((FiguresRequest)CommandParser.Parse(["figures", "all"], new Here(Sets)).Command).Plans;
        Assert.Equal(Listing.Experiments.Select(plan => plan.Name), plans.Select(plan => plan.Name));
        Assert.All(plans, plan => Assert.All(plan.Runs, run => Assert.Equal(
            run.Settings.Task == "fewshot_signs" ? Path.Combine(Sets, "signs") : null, ImageTask.FolderOf(run))));
    }

    /// <summary>Finds image sets in a folder, and no other files.</summary>
    private sealed class Here(string sets) : ICodeLoader
    {
        public (Rule, CodeFile) Rule(string reference) => throw new NotSupportedException(reference);

        public (Tasks.Task, CodeFile) Task(string reference) => throw new NotSupportedException(reference);

        public (Tasks.Task, CodeFile) Data(string path) => throw new NotSupportedException(path);

        public string ImagePlace => sets;

        public IEnumerable<(Tasks.Task, CodeFile)> Images(IEnumerable<string> names) =>
            names.Select(set => Path.Combine(sets, set)).Where(ImageTask.IsSet).Select(folder => ImageTask.Of(folder));
    }

    private string Sets => Path.Combine(root.FullName, "data");

    /// <summary>The program in the folder whose image sets are in data, and what it writes to standard error.</summary>
    private (ExitCode Code, string Errors) Program(params string[] words)
    {
        var (code, _, errors) = Processes.Run(root.FullName, "dotnet", [typeof(Application).Assembly.Location, .. words, "--quiet"]);
        return ((ExitCode)code, errors.Trim());
    }
}
