using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>Where a result came from: env.json.</summary>
internal static class EnvironmentFacts
{
    /// <summary>The width of the vectors that this machine runs at full speed.</summary>
    public static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>The file's content, for a run that starts now on so many threads.</summary>
    public static string Json(int threads) => JsonText.Document(Facts(threads));

    /// <summary>The same on one line, for a run that goes on from a step by a command.</summary>
    public static string ResumedJson(int threads, int step, string command)
    {
        var facts = Facts(threads);
        facts.Insert(0, "step", step);
        facts.Insert(1, "command", command);
        return JsonText.Line(facts);
    }

    private static JsonObject Facts(int threads) => new()
    {
        ["version"] = ProgramVersion.Text,
        ["commit"] = Git("rev-parse", "HEAD"),
        ["changed"] = Git("status", "--porcelain", "--untracked-files=no") is { } changes ? changes.Length > 0 : null,
        ["dotnet"] = RuntimeInformation.FrameworkDescription,
        ["system"] = RuntimeInformation.OSDescription,
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["processor"] = Processor(),
        ["processors"] = Environment.ProcessorCount,
        ["vector_bits"] = VectorBits,
        ["threads"] = threads,
        ["started"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };

    private static string? Processor()
    {
        const string key = "model name";
        try
        {
            return File.ReadLines("/proc/cpuinfo")
                .Where(line => line.StartsWith(key, StringComparison.Ordinal))
                .Select(line => line[(line.IndexOf(':') + 1)..].Trim())
                .FirstOrDefault();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What git says of the program's own folder; null when it is in no repository.</summary>
    private static string? Git(params string[] words)
    {
        try
        {
            var start = new ProcessStartInfo("git", ["-C", AppContext.BaseDirectory, .. words])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var git = Process.Start(start)!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            var said = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? said : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
