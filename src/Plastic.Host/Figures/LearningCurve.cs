using System.Globalization;
using System.Text;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>One place of a learning curve.</summary>
/// <param name="Step">The training step.</param>
/// <param name="Mean">Mean validation loss over the seeds.</param>
/// <param name="Margin">1.96 standard errors of the mean; null when there is one seed.</param>
/// <param name="Seeds">How many seeds there are here.</param>
internal sealed record CurvePoint(long Step, double Mean, double? Margin, int Seeds);

/// <summary>Validation loss over training, of runs that differ in nothing but the seed.</summary>
internal sealed record LearningCurve(string Label, string Rule, IReadOnlyList<CurvePoint> Points)
{
    /// <summary>One curve per point of a plan, from the runs that are there.</summary>
    /// <exception cref="PlasticException">
    /// There is nothing to draw, or, unless <paramref name="allowMissing"/>, a run is missing or unfinished.
    /// </exception>
    public static IReadOnlyList<LearningCurve> Load(Plan plan, string directory, bool allowMissing)
    {
        var missing = new List<string>();
        var curves = new List<LearningCurve>();
        foreach (var runs in plan.Runs.GroupBy(run => run.Point))
        {
            var seeds = new List<IReadOnlyDictionary<long, double>>();
            foreach (var run in runs)
            {
                var losses = ValidationLosses.Read(Path.Combine(RunDirectory.PathOf(directory, run), RunDirectory.MetricsFile));
                var last = run.Settings.MaxBatch - run.Settings.MaxBatch % run.Settings.ValidateEvery;
                if (losses.Count == 0) missing.Add(run.Directory);
                else seeds.Add(losses);
                if (losses.Count > 0 && !losses.ContainsKey(last))
                {
                    missing.Add($"{run.Directory} (at step {losses.Keys.Max()} of {last})");
                }
            }
            if (seeds.Count > 0)
            {
                curves.Add(new LearningCurve(LabelOf(plan, runs.First()), runs.First().Settings.Rule, Average(seeds)));
            }
        }
        if (curves.Count == 0)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"no runs of {plan.Name} in {RunDirectory.Root(directory)}; train them first");
        }
        if (missing.Count > 0 && !allowMissing)
        {
            throw new PlasticException(
                ExitCode.MissingInput,
                $"{missing.Count} of {plan.Runs.Count} runs missing or unfinished: {string.Join("; ", missing)}; "
                + "--allow-missing draws the rest");
        }
        return curves;
    }

    /// <summary>The plotted numbers: low and high bound the band, empty for a single seed.</summary>
    public static string Csv(IEnumerable<LearningCurve> curves)
    {
        var text = new StringBuilder("curve,step,validation_loss,low,high,seeds\n");
        foreach (var curve in curves)
        {
            foreach (var point in curve.Points)
            {
                var (low, high) = (point.Mean - point.Margin, point.Mean + point.Margin);
                text.Append(CultureInfo.InvariantCulture, $"\"{curve.Label.Replace("\"", "\"\"")}\",{point.Step},");
                text.Append(CultureInfo.InvariantCulture, $"{point.Mean:R},{low:R},{high:R},{point.Seeds}\n");
            }
        }
        return text.ToString();
    }

    private static CurvePoint[] Average(List<IReadOnlyDictionary<long, double>> seeds)
    {
        CurvePoint At(long step)
        {
            var values = seeds.Where(seed => seed.ContainsKey(step)).Select(seed => seed[step]).ToArray();
            var mean = values.Average();
            if (values.Length == 1) return new CurvePoint(step, mean, null, 1);
            var variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
            return new CurvePoint(step, mean, 1.96 * Math.Sqrt(variance / values.Length), values.Length);
        }

        return [.. seeds.SelectMany(seed => seed.Keys).Distinct().Order().Select(At)];
    }

    /// <summary>What sets a curve apart: the values of the axes that vary, or the rule when none does.</summary>
    private static string LabelOf(Plan plan, Run run)
    {
        var varying = plan.Axes
            .Select(axis => SettingHelp.All.Single(setting => setting.Name == axis))
            .Where(setting => plan.Runs.Select(other => setting.Text(other.Settings)).Distinct().Count() > 1)
            .Select(setting => setting.Name is "cell" or "rule"
                ? setting.Text(run.Settings)
                : $"{setting.Name} {setting.Text(run.Settings)}")
            .ToArray();
        return varying.Length == 0 ? run.Settings.Rule : string.Join(", ", varying);
    }
}
