using System.Globalization;
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
    public Finding Of(PlannedClaim claim) => FindingModule.given(
        [.. claim.Premises.Select(Of)],
        FindingModule.ofQuantities(claim.Claim, claim.Seeds.Count, [.. claim.Plans.Select(plan => Quantities(claim.Claim.Quantity, plan))]));

    /// <summary>Why a claim is undecided, in words; empty if it is decided.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="finding">What was found.</param>
    /// <exception cref="PlasticException">A file of a run cannot be read.</exception>
    public string Why(PlannedClaim claim, Finding finding)
    {
        if (!finding.Verdict.IsUndecided) return "";
        string[] missing = [.. claim.Plans.Zip(claim.Labels).Select(group => Missing(claim.Claim.Quantity, group.First, group.Second)).Where(text => text != "")];
        if (missing.Length > 0) return string.Join("; ", missing);
        var premises = claim.Premises.Select(premise => (premise.Claim.Name, Of(premise).Verdict)).Where(premise => !premise.Verdict.IsSupported);
        return premises.Select(premise => $"{premise.Name} is {premise.Verdict.Name}").FirstOrDefault()
            ?? (finding.Seeds < FindingModule.LeastSeeds
                ? $"{CountText.Of(finding.Seeds, "seed")}, where at least {FindingModule.LeastSeeds} are wanted"
                : "the bound lies in the interval");
    }

    /// <summary>Which runs of a group give no number.</summary>
    private string Missing(Plastic.Claims.Quantity quantity, Plan plan, string label)
    {
        var known = Quantities(quantity, plan);
        Run[] missing = [.. plan.Runs.Where(run => !known.ContainsKey(run.Seed))];
        return missing.Length == 0 ? ""
            : missing.Length == plan.Runs.Count && missing.All(run => StatusOf(run) is null) ? $"no run of \"{label}\" was trained"
            : $"of \"{label}\", {string.Join(", ", missing.Select(run => $"seed {run.Seed} {StateText(StatusOf(run))}"))}";
    }

    private static string StateText(RunStatus? status) => status switch
    {
        null => "is missing",
        { State: RunState.Failed } => $"{(NumberCheck.IsReason(status.Message) ? "overflowed" : "failed")} at step {status.Step.ToString("N0", CultureInfo.InvariantCulture)}",
        _ => "is not finished",
    };

    private RunStatus? StatusOf(Run run) => RunStatus.Read(RunDirectory.PathOf(directory, runs.Of(run)));

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
