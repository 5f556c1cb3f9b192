
namespace Plastic.Host;

/// <summary>The gnuplot program of this machine.</summary>
internal sealed class Gnuplot
{

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
        Subprocess.Run(program, [script]);

    // A machine whose package lists are there needs no update.
    private static bool InstallWithUpdate() =>
        Install() || (Subprocess.Run("apt-get", ["update", "-qq", "-o", "Acquire::Retries=0"]) is null && Install());

    private static bool Install() =>
        Subprocess.Run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "gnuplot-nox"]) is null;
}
