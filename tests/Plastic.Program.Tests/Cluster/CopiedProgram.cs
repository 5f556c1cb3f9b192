using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests.Cluster;

/// <summary>A copy of the program in a folder of its own, which a test may change, and a folder to work in; both are deleted in the end.</summary>
internal sealed class CopiedProgram : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("plastic-cluster-");
    private readonly Dictionary<string, string> environment;

    /// <param name="environment">Variables for the program.</param>
    public CopiedProgram(IReadOnlyDictionary<string, string>? environment = null)
    {
        this.environment = environment is null ? [] : new Dictionary<string, string>(environment);
        // As `dotnet build` left it, without the tests beside it.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var built = Path.Combine(ReadmeTests.Root, "src", "Plastic.Host", "bin", configuration, "net10.0");
        foreach (var file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is not (".pdb" or ".xml")))
        {
            var copy = Path.Combine(Program, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        Directory.CreateDirectory(Folder);
    }

    /// <summary>The folder of the program.</summary>
    public string Program => Path.Combine(root.FullName, "program");

    /// <summary>The folder that it works in.</summary>
    public string Folder => Path.Combine(root.FullName, "work");

    /// <summary>A folder in it.</summary>
    public string In(params string[] names) => Path.Combine([Folder, .. names]);

    /// <summary>Runs the program there.</summary>
    public (ExitCode Code, string Output, string Errors) Run(params string[] words) => RunIn(Folder, words);

    /// <summary>Runs it in another folder.</summary>
    public (ExitCode Code, string Output, string Errors) RunIn(string folder, params string[] words)
    {
        var (code, output, errors) = Processes.Run(folder, "dotnet", [Path.Combine(Program, "plastic.dll"), .. words], environment);
        return ((ExitCode)code, output, errors);
    }

    /// <summary>The same, which must succeed; returns what it prints.</summary>
    public string Done(params string[] words)
    {
        var (code, output, errors) = Run(words);
        Assert.True(code == ExitCode.Ok, $"plastic {string.Join(' ', words)}: {code}: {errors}");
        return output;
    }

    /// <summary>The folders of runs, relative to that of all runs, with what a run's result is made of: settings, metrics, test, best and last weights.</summary>
    public IReadOnlyDictionary<string, byte[][]> Results() => RunFolders.Under(In("runs")).ToDictionary(
        path => Path.GetRelativePath(In("runs"), path),
        path => ((string[])
        [
            RunDirectory.ConfigFile, RunDirectory.MetricsFile, RunDirectory.TestFile, "checkpoints/best.safetensors",
            $"checkpoints/{File.ReadAllText(Path.Combine(path, "checkpoints", Checkpoint.LatestFile)).Trim()}/state.safetensors",
        ]).Select(file => File.ReadAllBytes(Path.Combine(path, file))).ToArray());

    /// <summary>Requires that this folder's runs are finished, and those of another, to the byte.</summary>
    public void AssertSameAs(CopiedProgram other)
    {
        var (mine, theirs) = (Results(), other.Results());
        Assert.Equal(theirs.Keys.Order(StringComparer.Ordinal), mine.Keys.Order(StringComparer.Ordinal));
        foreach (var (run, files) in theirs)
        {
            Assert.True(RunDirectory.IsFinished(In("runs", run)), run);
            for (var k = 0; k < files.Length; k++) Assert.True(files[k].AsSpan().SequenceEqual(mine[run][k]), $"{run}: file {k} differs");
        }
    }

    public void Dispose() => root.Delete(recursive: true);
}
