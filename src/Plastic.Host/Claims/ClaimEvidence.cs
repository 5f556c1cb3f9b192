using Plastic.Claims;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Reads what a claim compares from the folders of its runs.</summary>
/// <param name="runs">The runs of all claims.</param>
/// <param name="directory">The folder that holds runs/.</param>
internal sealed class ClaimEvidence(ClaimRuns runs, string directory)
{
    /// <summary>What the finished runs say of a claim.</summary>
    /// <exception cref="PlasticException">A file of a run cannot be read.</exception>
    public Finding Of(PlannedClaim claim) =>
        FindingModule.ofQuantities(claim.Claim, claim.Seeds.Count, [.. claim.Plans.Select(plan => Quantities(claim.Claim.Quantity, plan))]);

    private Dictionary<long, double> Quantities(Plastic.Claims.Quantity quantity, Plan plan)
    {
        var found = new Dictionary<long, double>();
        foreach (var planned in plan.Runs)
        {
            var run = runs.Of(planned);
            var path = RunDirectory.PathOf(directory, run);
            if (RunDirectory.IsFinished(path, run) && Of(quantity, path) is { } value) found[planned.Seed] = value;
        }
        return found;
    }

    private static double? Of(Plastic.Claims.Quantity quantity, string path)
    {
        if (quantity is Plastic.Claims.Quantity.RateRatio rate) return InnerRateFile.Read(path) is { } rates ? Ratio(rates.Mean, rate.split) : null;
        return TestResults.Read(path) is not { } result ? null
            : quantity.IsTestLoss ? result.TestLoss
            : quantity.IsTestMeasure ? result.TestMeasure
            : result.Frozen?.Loss;
    }

    private static double Ratio(double[] rates, int split) => rates.Take(split).Average() / rates.Skip(split).Average();
}
