using Plastic.Host;
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

    private string Sets => Path.Combine(root.FullName, "data");

    /// <summary>The program in the folder whose image sets are in data, and what it writes to standard error.</summary>
    private (ExitCode Code, string Errors) Program(params string[] words)
    {
        var (code, _, errors) = Processes.Run(root.FullName, "dotnet", [typeof(Application).Assembly.Location, .. words, "--quiet"]);
        return ((ExitCode)code, errors.Trim());
    }
}
