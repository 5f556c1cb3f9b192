using System.Text;
using Plastic.Host;

namespace Plastic.Program.Tests;

/// <summary>Runs the program in this process, with a folder that is deleted when the test ends.</summary>
internal sealed class Session : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("plastic-test-");

    /// <summary>The folder for --out; the program creates it.</summary>
    public string Out => Path.Combine(root.FullName, "out");

    /// <summary>All existing files and folders, including hidden ones.</summary>
    public string[] Everything() =>
        [.. Directory.EnumerateFileSystemEntries(
            root.FullName, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Select(path => Path.GetRelativePath(root.FullName, path))
            .Order(StringComparer.Ordinal)];

    /// <summary>Runs the program with the given arguments.</summary>
    public Ended Run(params string[] words)
    {
        var results = new StringWriter(new StringBuilder());
        var messages = new StringWriter(new StringBuilder());
        var code = Application.Run(words, results, messages);
        return new Ended(code, Lines(results), Lines(messages));
    }

    /// <summary>`train` into this session's folder.</summary>
    public Ended Train(string name, params string[] words) => Run(["train", name, "--out", Out, .. words]);

    public void Dispose() => root.Delete(recursive: true);

    private static string[] Lines(StringWriter text) =>
        text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The program's exit code, and its output on stdout and stderr.</summary>
internal sealed record Ended(ExitCode Code, string[] Results, string[] Messages)
{
    public string Output => string.Join('\n', Results);
}
