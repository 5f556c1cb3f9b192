using System.Diagnostics;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Starts the program as several ranks, by the launchers of two MPIs.</summary>
internal static class Launchers
{
    public const string OpenMpi = "mpirun.openmpi", Mpich = "mpirun.mpich";

    /// <summary>Long enough for a busy machine; a run that hangs is ended then, and its test fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The words that start so many ranks of the program; skips the test where there is no such launcher.</summary>
    public static string[] Words(string launcher, int ranks, params string[] words) =>
        [.. Start(launcher), "-n", $"{ranks}", "dotnet", typeof(Application).Assembly.Location, .. words];

    /// <summary>Ranks in two groups, of one each, with words of their own.</summary>
    public static string[] Words(string launcher, string[] first, string[] second) =>
        [.. Words(launcher, 1, first), ":", "-n", "1", "dotnet", typeof(Application).Assembly.Location, .. second];

    /// <summary>Runs ranks to their end.</summary>
    public static RanksEnded Run(string[] words, IReadOnlyDictionary<string, string>? environment = null) =>
        Watch(words, _ => { }, environment);

    /// <summary>Runs ranks to their end, and does something while they run.</summary>
    public static RanksEnded Watch(string[] words, Action<Process> meanwhile, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // A launcher started by another one takes itself for a part of it.
        foreach (var name in start.Environment.Keys.Where(IsOfLauncher).ToArray()) start.Environment.Remove(name);
        start.Environment["TERM"] = "dumb";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync();
            var results = process.StandardOutput.ReadToEndAsync();
            meanwhile(process);
            Assert.True(process.WaitForExit(Patience), "the ranks hang");
            return new RanksEnded(process.ExitCode, results.Result, errors.Result);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The processes of the program whose command line has a word, by their ranks.</summary>
    public static Dictionary<int, int> Ranks(string word)
    {
        var found = new Dictionary<int, int>();
        foreach (var folder in Directory.GetDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            try
            {
                var words = File.ReadAllText($"{folder}/cmdline").Split('\0');
                if (Path.GetFileName(words[0]) != "dotnet" || !words.Contains(word)) continue;
                var rank = File.ReadAllText($"{folder}/environ").Split('\0')
                    .Select(line => line.Split('=')).First(pair => pair[0] is "OMPI_COMM_WORLD_RANK" or "PMI_RANK")[1];
                found[int.Parse(rank, System.Globalization.CultureInfo.InvariantCulture)] = int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // It has ended, or is no rank.
            }
        }
        return found;
    }

    private static bool IsOfLauncher(string name) =>
        name.StartsWith("OMPI_", StringComparison.Ordinal) || name.StartsWith("PMI", StringComparison.Ordinal) || name.StartsWith("SLURM_", StringComparison.Ordinal);

    private static string[] Start(string launcher)
    {
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Skip.IfNot(paths.Any(path => File.Exists(Path.Combine(path, launcher))), $"{launcher} is not installed");
        return launcher == OpenMpi ? [launcher, "--allow-run-as-root", "--oversubscribe"] : [launcher];
    }
}

/// <summary>How ranks ended: what the launcher returned, and what they and it wrote.</summary>
internal sealed record RanksEnded(int Code, string Results, string Errors)
{
    /// <summary>The program's lines about its failure.</summary>
    public string[] Faults => [.. Errors.Split('\n').Where(line => line.StartsWith("plastic: ", StringComparison.Ordinal) && !line.StartsWith("plastic: warning", StringComparison.Ordinal))];
}
