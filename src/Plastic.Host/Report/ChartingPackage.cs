namespace Plastic.Host;

/// <summary>uPlot, the charting package of reports: fetched once from npm into the program's folder, then read from there.</summary>
internal static class ChartingPackage
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Report");

    /// <summary>The package's program and its style sheet.</summary>
    /// <exception cref="PlasticException">It is not there and npm cannot fetch it.</exception>
    public static (string Script, string Style) Read()
    {
        var files = Path.Combine(Folder, "node_modules", "uplot", "dist");
        var script = Path.Combine(files, "uPlot.iife.min.js");
        if (!File.Exists(script)) Fetch();
        try
        {
            return (File.ReadAllText(script), File.ReadAllText(Path.Combine(files, "uPlot.min.css")));
        }
        catch (IOException thrown)
        {
            throw new PlasticException(ExitCode.MissingInput, $"uPlot is incomplete: remove {files} and try again", thrown);
        }
    }

    private static void Fetch()
    {
        if (Subprocess.Run("npm", ["ci", "--prefix", Folder, "--no-audit", "--no-fund", "--loglevel=error"]) is { } complaint)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"a report needs the npm package uplot, and npm could not fetch it: {complaint}; install Node.js with npm");
        }
    }
}
