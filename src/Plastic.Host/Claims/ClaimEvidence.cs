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
    public Judgement Of(PlannedClaim claim)
    {
        var quantities = claim.Plans.Select(plan => Quantities(claim.Claim.Quantity, plan)).ToArray();
        var premises = claim.Premises.Select(premise => (premise.Claim.Name, Of(premise).Finding)).ToArray();
        var finding = FindingModule.given(
            [.. premises.Select(premise => premise.Finding)], FindingModule.ofQuantities(claim.Claim, claim.Seeds.Count, [.. quantities]));
        if (!finding.Verdict.IsUndecided) return new Judgement(finding, "");
        string[] reasons =
        [
            .. claim.Plans.Select((plan, k) => Missing(plan, claim.Labels[k], quantities[k])).Where(text => text != ""),
            .. premises.Where(premise => !premise.Finding.Verdict.IsSupported).Select(premise => $"{premise.Name} is {premise.Finding.Verdict.Name}"),
        ];
        return new Judgement(
            finding,
            reasons.Length > 0 ? string.Join("; ", reasons)
            : finding.Seeds < FindingModule.LeastSeeds ? $"{CountText.Of(finding.Seeds, "seed")}, where at least {FindingModule.LeastSeeds} are wanted"
            : "the bound lies in the interval");
    }

    /// <summary>Which runs of a group give no number, and why; empty for none.</summary>
    private string Missing(Plan plan, string label, Dictionary<long, double> known)
    {
        Run[] missing = [.. plan.Runs.Where(run => !known.ContainsKey(run.Seed))];
        if (missing.Length == 0) return "";
        if (missing.Length == plan.Runs.Count && missing.All(run => StatusOf(run) is null))
        {
            return $"no run of \"{label}\" was trained" + (runs.FaultOf(plan) is { } fault ? $" ({fault})" : "");
        }
        return $"of \"{label}\", {string.Join(", ", missing.Select(run => $"seed {run.Seed} {StateText(StatusOf(run))}"))}";
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

/// <summary>What was found of a claim, and why it is undecided.</summary>
/// <param name="Finding">What was found.</param>
/// <param name="Why">In words; empty if it is decided.</param>
internal readonly record struct Judgement(Finding Finding, string Why);
