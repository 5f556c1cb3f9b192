using System.Diagnostics;

namespace Plastic.Host;

/// <summary>The gnuplot program of this machine.</summary>
internal sealed class Gnuplot
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Tried once: where it fails it takes its time.
    private static readonly Lazy<bool> Installed = new(InstallWithUpdate);

    private readonly string program;

    private Gnuplot(string program) => this.program = program;

    /// <summary>
    /// The first gnuplot in the folders of <paramref name="path"/>; null when there is none.
    /// </summary>
    public static Gnuplot? Find(string? path)
    {
        var names = OperatingSystem.IsWindows() ? new[] { "gnuplot.exe" } : ["gnuplot"];
        return (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .Where(File.Exists)
            .Select(file => new Gnuplot(file))
            .FirstOrDefault();
    }

    /// <summary>
    /// <see cref="Find"/>; where there is none and the system's packages may be installed, installs it first.
    /// </summary>
    public static Gnuplot? FindOrInstall(string? path)
    {
        if (Find(path) is { } found) return found;
        var may = File.Exists("/etc/debian_version") && Environment.IsPrivilegedProcess;
        return may && Installed.Value ? Find(path) : null;
    }

    /// <summary>Runs a script; null when it went well, otherwise gnuplot's first complaint.</summary>
    public string? Run(string script) =>
        Execute(program, [script], out var complaint) ? null : complaint;

    // A machine whose package lists are there needs no update.
    private static bool InstallWithUpdate() =>
        Install() || (Execute("apt-get", ["update", "-qq", "-o", "Acquire::Retries=0"], out _) && Install());

    private static bool Install() =>
        Execute("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "gnuplot-nox"], out _);

    private static bool Execute(string program, IEnumerable<string> arguments, out string complaint)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                complaint = $"{program} took more than {Patience.TotalMinutes} minutes";
                return false;
            }
            Task.WaitAll(output, error);
            complaint = error.Result.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0)
                ?? $"exit code {process.ExitCode}";
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            complaint = fault.Message;
            return false;
        }
    }
}
