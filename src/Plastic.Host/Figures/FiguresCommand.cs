using System.Text;
using System.Text.Json.Nodes;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// `plastic figures NAME`: figures/&lt;experiment&gt;/&lt;name&gt;.{csv,svg,pdf,png} from the runs' metrics.
/// </summary>
internal static class FiguresCommand
{
    /// <summary>Draws the request's figures and says where they are.</summary>
    public static ExitCode Run(FiguresRequest request, Output output)
    {
        var files = Draw(request.Plan, request.Directory, request.AllowMissing, Gnuplot.FindOrInstall, output);
        foreach (var file in files) output.Result(file);
        output.Result(Path.GetDirectoryName(files[0])!);
        output.Document(new JsonObject { ["figures"] = new JsonArray([.. files.Select(file => (JsonNode)file)]) });
        return ExitCode.Ok;
    }

    /// <summary>Where a plan's figures belong.</summary>
    public static string Folder(string directory, Plan plan) =>
        Path.Combine(directory == "." ? "figures" : Path.Combine(directory, "figures"), plan.Name);

    /// <summary>
    /// Draws a plan's figures; returns the files written. Without gnuplot that is the csv alone, and a warning says so.
    /// </summary>
    /// <exception cref="PlasticException">Runs are missing, or a file cannot be written.</exception>
    public static IReadOnlyList<string> Draw(
        Plan plan, string directory, bool allowMissing, Func<string?, Gnuplot?> find, Output output)
    {
        var curves = LearningCurve.Load(plan, directory, allowMissing);
        var folder = Folder(directory, plan);
        try
        {
            Directory.CreateDirectory(folder);
            var csv = LearningCurve.Csv(curves);
            var written = new List<string>();
            foreach (var name in plan.Figures)
            {
                var file = Path.Combine(folder, $"{name}.csv");
                AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(csv)));
                written.Add(file);
            }
            if (find(Environment.GetEnvironmentVariable("PATH")) is { } gnuplot)
            {
                foreach (var name in plan.Figures) written.AddRange(Picture(gnuplot, curves, folder, name, output));
            }
            else
            {
                output.Warn("gnuplot was not found and could not be installed: only the csv of the figures is written");
            }
            return written;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"{folder}: cannot be written: {fault.Message}", fault);
        }
    }

    /// <summary>One figure in every format, each file whole or not at all.</summary>
    private static IReadOnlyList<string> Picture(
        Gnuplot gnuplot, IReadOnlyList<LearningCurve> curves, string folder, string name, Output output)
    {
        var workshop = Directory.CreateTempSubdirectory("plastic-");
        string Temporary(string extension) => Path.Combine(folder, $".{name}.{Environment.ProcessId}.{extension}");
        try
        {
            var script = Path.Combine(workshop.FullName, "figure.gp");
            File.WriteAllText(script, CurvePlot.Script(curves, Temporary));
            if (gnuplot.Run(script) is { } complaint)
            {
                output.Warn($"gnuplot could not draw {name}: {complaint}");
                return [];
            }
            var files = new List<string>();
            foreach (var extension in CurvePlot.Extensions)
            {
                files.Add(Path.Combine(folder, $"{name}.{extension}"));
                File.Move(Temporary(extension), files[^1], overwrite: true);
            }
            return files;
        }
        finally
        {
            foreach (var extension in CurvePlot.Extensions) File.Delete(Temporary(extension));
            workshop.Delete(recursive: true);
        }
    }
}
