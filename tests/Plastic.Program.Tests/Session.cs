using System.Text;
using Plastic.Host;

namespace Plastic.Program.Tests;

/// <summary>The program in this process, with a folder of its own that goes when the test ends.</summary>
internal sealed class Session : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("plastic-test-");

    /// <summary>Where a test's --out points; the program makes it.</summary>
    public string Out => Path.Combine(root.FullName, "out");

    /// <summary>All files and folders that there are, hidden ones too.</summary>
    public string[] Everything() =>
        [.. Directory.EnumerateFileSystemEntries(
            root.FullName, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Select(path => Path.GetRelativePath(root.FullName, path))
            .Order(StringComparer.Ordinal)];

    /// <summary>Runs the program on words.</summary>
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

/// <summary>How the program ended, and what it said on stdout and stderr.</summary>
internal sealed record Ended(ExitCode Code, string[] Results, string[] Messages)
{
    public string Output => string.Join('\n', Results);
}
