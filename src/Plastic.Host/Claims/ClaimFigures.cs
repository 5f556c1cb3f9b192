using Plastic.Claims;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The figures of claims, one for all that compare the same runs.</summary>
/// <param name="runs">The runs of all claims.</param>
/// <param name="directory">The folder that holds runs/ and figures/.</param>
/// <param name="threads">Threads to use.</param>
internal sealed class ClaimFigures(ClaimRuns runs, string directory, int threads)
{
    /// <summary>Below the folder that --out names.</summary>
    public const string Folder = "figures/claims";

    /// <summary>Where a claim's figure is, relative to that folder.</summary>
    private static string PlaceOf(string name) => $"{Folder}/{name}.svg";

    /// <summary>
    /// Draws the figures of claims, with the runs of all claims that share them, as far as they exist; returns where those of each claim are, by its name.
    /// </summary>
    /// <param name="all">All claims.</param>
    /// <param name="claims">Those whose figures are wanted.</param>
    /// <exception cref="PlasticException">A run cannot be read, or a file cannot be written.</exception>
    public IReadOnlyDictionary<string, string> Draw(IReadOnlyList<PlannedClaim> all, IReadOnlyList<PlannedClaim> claims)
    {
        var read = new FigureRuns(directory, threads);
        var wanted = claims.Select(NameOf).ToHashSet();
        var charts = all.GroupBy(NameOf).Where(figure => wanted.Contains(figure.Key))
            .Select(figure => (Name: figure.Key, Chart: Charts.Of(KindOf(figure.First().Claim), Shown(figure), read)?.WithSeeds()))
            .Where(figure => figure.Chart is not null)
            .ToDictionary(figure => figure.Name, figure => figure.Chart!);
        FigureFiles.Write(Path.Combine([directory, .. Folder.Split('/')]), [.. charts.Select(chart => (chart.Key, chart.Value))]);
        return claims.Where(claim => charts.ContainsKey(NameOf(claim))).ToDictionary(claim => claim.Claim.Name, claim => PlaceOf(NameOf(claim)));
    }

    private static string NameOf(PlannedClaim claim) => $"{claim.Claim.Figure}_{claim.Scale.Name}";

    private static FigureKind KindOf(Claim claim) =>
        claim.Quantity.IsRateRatio ? FigureKind.InnerRate
        : claim.Quantity.IsTestMeasure ? FigureKind.Metric
        : claim.Quantity.IsFrozenLoss ? FigureKind.Training
        : FigureKind.Learning;

    /// <summary>The runs of all claims of a figure, each point once; plastic networks first, so that a rule has one colour in most figures.</summary>
    private ShownRuns Shown(IEnumerable<PlannedClaim> figure)
    {
        var labels = new Dictionary<string, string>();
        var points = new List<Run[]>();
        foreach (var (plan, label) in figure.SelectMany(claim => claim.Plans.Zip(claim.Labels)))
        {
            Run[] point = [.. plan.Runs.Select(runs.Of)];
            if (labels.TryAdd(point[0].PointDirectory, label)) points.Add(point);
        }
        return new ShownRuns([.. points.OrderBy(point => !point[0].IsPlastic).SelectMany(point => point)], run => labels[run.PointDirectory]);
    }
}
