using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Plastic.Host;

/// <summary>
/// ASP.NET, found beside the runtime and loaded only by who serves a page: no other command waits for it, and a machine without it can do
/// all else.
/// </summary>
internal static class WebFramework
{
    private const string Name = "Microsoft.AspNetCore.App";

    private static readonly Lock loading = new();
    private static bool isLoaded;

    /// <summary>Makes its assemblies known to this process.</summary>
    /// <exception cref="PlasticException">It is not installed.</exception>
    public static void Load()
    {
        lock (loading)
        {
            if (isLoaded) return;
            var folder = Beside(RuntimeEnvironment.GetRuntimeDirectory(), Environment.Version);
            AssemblyLoadContext.Default.Resolving += (context, name) =>
                Path.Combine(folder, name.Name + ".dll") is var file && File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
            isLoaded = true;
        }
    }

    /// <summary>The folder of the newest version that fits a runtime.</summary>
    /// <param name="runtime">The runtime's folder: …/shared/Microsoft.NETCore.App/10.0.1/.</param>
    /// <param name="version">Its version; of ASP.NET's, the first two numbers must be the same.</param>
    /// <exception cref="PlasticException">There is none.</exception>
    public static string Beside(string runtime, Version version)
    {
        var all = Path.Combine(Path.TrimEndingDirectorySeparator(runtime), "..", "..", Name);
        return (Directory.Exists(all) ? Directory.GetDirectories(all) : [])
            .Select(folder => (Folder: Path.GetFullPath(folder), Version: Version.TryParse(Path.GetFileName(folder), out var found) ? found : null))
            .Where(found => found.Version is { } other && (other.Major, other.Minor) == (version.Major, version.Minor))
            .OrderByDescending(found => found.Version).Select(found => found.Folder).FirstOrDefault()
            ?? throw new PlasticException(
                ExitCode.Configuration,
                $"watch needs ASP.NET Core {version.Major}.{version.Minor}, which is not installed beside this runtime: install the .NET SDK or the package aspnetcore-runtime-{version.Major}.{version.Minor}; all other commands work without it");
    }
}
