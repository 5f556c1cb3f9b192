using System.Diagnostics;

namespace Plastic.Host;

/// <summary>What the program was built from.</summary>
/// <param name="Commit">The commit of the program's own repository; null if it is not in one.</param>
/// <param name="Changed">Whether files of that commit were changed.</param>
internal sealed record ProgramSource(string? Commit, bool? Changed)
{
    // Beside a copy of the program, which lies in no repository, or in one that has gone on.
    private const string CopyFile = "source.json";

    private static readonly Lazy<ProgramSource> Found = new(Find);

    /// <summary>Of this program.</summary>
    public static ProgramSource Current => Found.Value;

    /// <summary>Notes what this program was built from beside a copy of it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder) => AtomicFile.WriteThrough(Path.Combine(folder, CopyFile), JsonText.Document(Current));

    private static ProgramSource Find() =>
        JsonFile.ReadOrNull<ProgramSource>(Path.Combine(AppContext.BaseDirectory, CopyFile))
        ?? new(Git("rev-parse", "HEAD"), Git("status", "--porcelain", "--untracked-files=no") is { } changes ? changes.Length > 0 : null);

    /// <summary>What git prints in the program's own folder; null if that is not in a repository.</summary>
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
            var printed = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? printed : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
