using System.Globalization;
using System.Text.Json.Serialization;
using Plastic.Claims;

namespace Plastic.Host;

/// <summary>An element of claims.json: what was found of a claim at a scale.</summary>
/// <param name="Name">The claim's name.</param>
/// <param name="Paper">The key of its paper.</param>
/// <param name="Section">Where in the paper.</param>
/// <param name="Statement">What is claimed.</param>
/// <param name="Measures">What the effect is.</param>
/// <param name="Claimed">Where the effect lies if the claim holds, such as "&lt; 0".</param>
/// <param name="Effect">The statistic over the seeds; null without any.</param>
/// <param name="Interval">The ends of its 95 % interval; null with fewer than two seeds.</param>
/// <param name="N">The number of seeds that all groups have.</param>
/// <param name="Planned">The number of seeds that they should have.</param>
/// <param name="Verdict">supported, refuted or undecided.</param>
/// <param name="Scale">small or paper.</param>
/// <param name="Reduced">What is unlike the paper; empty for nothing.</param>
/// <param name="IsRatio">Whether the effect is a ratio.</param>
/// <param name="Figure">The file of the figure, relative to this file; null where none was drawn.</param>
/// <param name="Ours">Whether it is a variant or a question of ours, beside the paper's findings.</param>
/// <param name="Why">Why it is undecided; empty if it is decided.</param>
internal sealed record ClaimRecord(
    string Name, string Paper, string Section, string Statement, string Measures, string Claimed, double? Effect, double[]? Interval, int N, int Planned,
    string Verdict, string Scale, string Reduced, bool IsRatio, string? Figure, bool Ours = false, string Why = "")
{
    /// <param name="planned">The claim.</param>
    /// <param name="judged">What its runs say.</param>
    /// <param name="figure">The file of its figure; null where none was drawn.</param>
    public static ClaimRecord Of(PlannedClaim planned, Judgement judged, string? figure)
    {
        var finding = judged.Finding;
        var claim = planned.Claim;
        var interval = finding.Interval.IsSome ? finding.Interval.Value : (Interval?)null;
        return new ClaimRecord(
            claim.Name, claim.Paper, claim.Section, claim.Statement, claim.Measures, ClaimedOf(claim),
            interval is { } known ? JsonText.Finite(known.Estimate) : null,
            interval is { } two && double.IsFinite(two.Low) && double.IsFinite(two.High) ? [two.Low, two.High] : null,
            finding.Seeds, finding.Planned, finding.Verdict.Name, planned.Scale.Name, planned.Reduced, claim.IsRatio, figure, claim.IsOurs, judged.Why);
    }

    /// <summary>Whether it was made of a claim as it is now.</summary>
    public bool IsOf(Claim claim) => (Name, Statement, Measures, Claimed) == (claim.Name, claim.Statement, claim.Measures, ClaimedOf(claim));

    private static string ClaimedOf(Claim claim) => $"{(claim.Side.IsBelow ? "<" : ">")} {claim.Bound.ToString("G3", CultureInfo.InvariantCulture)}";

    /// <summary>The effect for people; empty for none.</summary>
    [JsonIgnore]
    public string EffectText => Effect is { } effect ? Text(effect) : "";

    /// <summary>Its interval for people; empty for none.</summary>
    [JsonIgnore]
    public string IntervalText => Interval is [var low, var high] ? $"{Text(low)} to {Text(high)}" : "";

    /// <summary>The number of seeds for people: "4 of 5" where some are missing or failed.</summary>
    [JsonIgnore]
    public string SeedsText => N == Planned ? $"{N}" : $"{N} of {Planned}";

    private string Text(double value) => IsRatio
        ? $"×{value.ToString("G3", CultureInfo.InvariantCulture)}"
        : (value < 0 ? "−" : "") + LossText.Of(Math.Abs(value));
}
