using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The guides about files of code, carried out in an empty folder: every command, with the output that they show.</summary>
[Collection("files of code")]
public sealed class GuideSessionTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-guide-");

    [Fact]
    public void A_rule_from_a_file() => CarryOut("docs/guide/rule-from-a-file.md", "fsharp", "covariance.fsx");

    [Fact]
    public void A_task_of_ones_own()
    {
        // What `dotnet build` of the guide's project would make, with packages that a test cannot count on: the same source,
        // compiled with these tests.
        var dll = Path.Combine(folder.FullName, "echo", "bin", "Release", "net10.0", "echo.dll");
        Directory.CreateDirectory(Path.GetDirectoryName(dll)!);
        File.Copy(typeof(echo.Tasks).Assembly.Location, dll);
        var source = Path.Combine(ReadmeTests.Root, "tests", "Plastic.Program.Tests", "OwnTask.cs");
        Assert.Equal(CodeFiles.Template("task.cs.txt").Replace("my_task", "echo"), File.ReadAllText(source));
        Assert.Contains($"```csharp\n{File.ReadAllText(source)}```", Guide("docs/guide/own-task.md"));
        CarryOut("docs/guide/own-task.md", "fsharp", "first.fsx");
    }

    [Fact]
    public void New_replaces_nothing_and_refuses_names_that_are_none()
    {
        Assert.Equal(ExitCode.Ok, Run("new", "rule", "own").Code);
        Assert.Equal(ExitCode.Exists, Run("new", "rule", "own").Code);
        Assert.Equal(ExitCode.Usage, Run("new", "rule", "a-b").Code);
        Assert.Equal(ExitCode.Usage, Run("new", "task", "cuereward").Code);
        Assert.Equal(ExitCode.Usage, Run("new", "task", "cuereward_demo").Code);
        Assert.Equal(ExitCode.Usage, Run("new", "rule", "match").Code);
        Assert.Equal(ExitCode.Usage, Run("new", "project", "catch", "--lang", "C#").Code);
        foreach (var (language, name) in new[] { ("F#", "one"), ("C#", "two"), ("laws", "three") })
        {
            var ended = Run("new", "project", name, "--lang", language);
            Assert.Equal(ExitCode.Ok, ended.Code);
            Assert.All(ended.Lines, file => Assert.DoesNotContain("my_", File.ReadAllText(Path.Combine(folder.FullName, file))));
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>Runs each "$ plastic …" of a guide; a block of code replaces the file of that name.</summary>
    private void CarryOut(string guide, string language, string file)
    {
        var lines = Guide(guide).Split('\n');
        var commands = 0;
        for (var at = 0; at < lines.Length; at++)
        {
            if (lines[at] == "```" + language)
            {
                var code = lines.Skip(at + 1).TakeWhile(line => line != "```").ToArray();
                File.WriteAllText(Path.Combine(folder.FullName, file), string.Join('\n', code) + "\n");
            }
            if (!lines[at].StartsWith("    $ plastic ", StringComparison.Ordinal)) continue;
            var command = lines[at]["    $ plastic ".Length..];
            var shown = lines.Skip(at + 1)
                .TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal) && !line.StartsWith("    $", StringComparison.Ordinal))
                .Select(line => line[4..]);
            var ended = Run(command.Split(' '));
            Assert.True(ended.Code == ExitCode.Ok, $"{command}: {ended.Code}");
            Assert.Equal(shown, ended.Lines);
            commands++;
        }
        Assert.True(commands > 3);
    }

    /// <summary>The program in the folder; its results, with paths from there.</summary>
    private (ExitCode Code, string[] Lines) Run(params string[] words)
    {
        var (code, results, _) = Processes.Run(folder.FullName, "dotnet", [typeof(Application).Assembly.Location, .. words]);
        return ((ExitCode)code, results.Replace(folder.FullName + "/", "").Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Guide(string path) => File.ReadAllText(Path.Combine(ReadmeTests.Root, path)).ReplaceLineEndings("\n");
}
