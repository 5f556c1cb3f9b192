using System.Security.Cryptography;
using System.Text;

namespace Plastic.Host;

/// <summary>
/// Where a run is below the folder of all runs. Its ids are what the page knows it by: they tell nothing, and are the same in every start
/// of the server.
/// </summary>
internal sealed class RunPlace
{
    /// <param name="path">The run's folder, relative to the folder of all runs; '/' between its parts.</param>
    public RunPlace(string path)
    {
        Path = path;
        var parts = path.Split('/');
        Experiment = parts.Length > 2 ? string.Join('/', parts[..^2]) : parts[0];
        Point = parts.Length > 1 ? string.Join('/', parts[..^1]) : path;
        (Id, PointId, ExperimentId) = (IdOf("run", path), IdOf("point", Point), IdOf("experiment", Experiment));
    }

    /// <summary>The run's folder.</summary>
    public string Path { get; }

    /// <summary>The folder of the experiment or task.</summary>
    public string Experiment { get; }

    /// <summary>The folder of the runs that differ in the seed alone.</summary>
    public string Point { get; }

    /// <summary>The point's name within its experiment.</summary>
    public string PointName => Point.Length > Experiment.Length ? Point[(Experiment.Length + 1)..] : Point;

    /// <summary>The run's id.</summary>
    public string Id { get; }

    /// <summary>The point's id.</summary>
    public string PointId { get; }

    /// <summary>The experiment's id.</summary>
    public string ExperimentId { get; }

    private static string IdOf(string kind, string path) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind} {path}")).AsSpan(0, 6));
}
