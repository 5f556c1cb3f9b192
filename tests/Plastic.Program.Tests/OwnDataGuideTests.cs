using System.Runtime.InteropServices;
using System.Text;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// docs/guide/own-data.md is what happens: its Python and its commands are run in order, and print what the page shows, from an npz file
/// of NumPy to exports that NumPy reads. PLASTIC_ACCEPT_GUIDE=1 writes what they print to the page.
/// </summary>
public sealed class OwnDataGuideTests : IDisposable
{
    private const string Page = "docs/guide/own-data.md";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-guide-");
    private readonly Session session = new();
    private string run = "";

    public void Dispose()
    {
        session.Dispose();
        folder.Delete(recursive: true);
    }

    [NumPyFact]
    public void The_page_shows_what_its_commands_and_its_Python_print()
    {
        var file = Path.Combine(ReadmeTests.Root, Page);
        var shown = File.ReadAllText(file);
        var actual = new StringBuilder();
        var printed = "";
        var blocks = shown.Split("```");
        for (var k = 0; k < blocks.Length; k++)
        {
            if (k > 0) actual.Append("```");
            var (language, body) = blocks[k].IndexOf('\n') is var at and >= 0 ? (blocks[k][..at], blocks[k][(at + 1)..]) : (blocks[k], "");
            if (k % 2 == 1 && language == "python") printed = Python.Run(folder.FullName, body);
            actual.Append(k % 2 == 0 ? blocks[k] : language switch
            {
                "text" => $"text\n{printed}",
                "console" => $"console\n{string.Concat(body.Split('\n').Where(line => line.StartsWith("$ plastic ", StringComparison.Ordinal)).Select(Output))}",
                _ => blocks[k],
            });
        }
        if (Environment.GetEnvironmentVariable("PLASTIC_ACCEPT_GUIDE") == "1") File.WriteAllText(file, actual.ToString());
        else Assert.Equal(shown, actual.ToString());
        Assert.Contains(Path.Combine(folder.FullName, "metrics.csv"), Directory.GetFiles(folder.FullName));
        // The page's F# reads what NumPy reads.
        Python.Run(folder.FullName, "import numpy; numpy.load('run.npz')['outputs'].astype('<f4').tofile('outputs')");
        var outputs = Plastic.Guide.Outputs.read(Path.Combine(folder.FullName, "run.safetensors"));
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder.FullName, "outputs")), MemoryMarshal.AsBytes<float>(outputs).ToArray());
    }

    [Fact]
    public void The_table_on_the_page_is_a_data_set()
    {
        var lines = File.ReadLines(Path.Combine(ReadmeTests.Root, Page)).SkipWhile(line => !line.StartsWith("      episode,", StringComparison.Ordinal))
            .TakeWhile(line => line.Length > 0).Select(line => line.Trim());
        var file = Path.Combine(folder.FullName, "trials.csv");
        File.WriteAllLines(file, lines);
        Assert.Contains("2 inputs, 1 output", DataFile.Read(file).Task.Summary);
    }

    /// <summary>A command and what it prints: results, and the error if there is one.</summary>
    private string Output(string command)
    {
        string[] words = [.. command["$ plastic ".Length..].Split(' ').Select(word => word == "RUN" ? run : word)];
        string[] placed = [.. words.Select((word, at) =>
            word.StartsWith("data=", StringComparison.Ordinal) ? "data=" + Path.Combine(folder.FullName, word[5..])
            : at > 0 && words[at - 1] == "-o" ? Path.Combine(folder.FullName, word)
            : word)];
        string[] folders = words[1].StartsWith("data=", StringComparison.Ordinal) ? ["--out", folder.FullName] : [];
        var ended = session.Run([.. placed, .. folders]);
        if (words[0] == "train" && ended.Code == ExitCode.Ok) run = ended.Results[^1];
        var lines = ended.Results.Concat(ended.Code == ExitCode.Ok ? [] : ended.Messages[^1..]);
        return $"{command}\n{string.Concat(lines.Select(line => Shown(line) + "\n"))}";
    }

    /// <summary>A line as it is when the commands are typed in the folder, with RUN for the run's.</summary>
    private string Shown(string line)
    {
        var isRun = line == run;
        var text = run.Length > 0 && !isRun ? line.Replace(run, "RUN") : line;
        return text.Replace(folder.FullName + Path.DirectorySeparatorChar, "");
    }
}
