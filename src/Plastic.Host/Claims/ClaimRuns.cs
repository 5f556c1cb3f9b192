using Plastic.Claims;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The runs that claims rest on, each once: runs with the same settings are the same run, whatever experiments name it.</summary>
internal sealed class ClaimRuns
{
    private readonly Dictionary<RunSettings, Run> named = [];
    private readonly Dictionary<Run, Run> tests = [];
    private readonly Dictionary<Tasks.Task, string?> faults = new(ReferenceEqualityComparer.Instance);

    /// <param name="all">All claims, of which the first that names a run decides where it is.</param>
    /// <param name="claims">Those whose runs are wanted.</param>
    public ClaimRuns(IReadOnlyList<PlannedClaim> all, IReadOnlyList<PlannedClaim> claims)
    {
        foreach (var plan in all.SelectMany(claim => claim.Plans))
        {
            foreach (var run in Sources(plan)) named.TryAdd(run.Identity, run);
            if (!plan.IsTest) continue;
            foreach (var (test, source) in plan.Runs.Zip(plan.Tested)) tests.TryAdd(test, source);
        }
        Plan[] plans = [.. claims.SelectMany(claim => claim.Plans)];
        Trained = [.. plans.Where(plan => FaultOf(plan) is null).SelectMany(Sources).Select(Of).Distinct()];
        Tests = [.. plans.Where(plan => plan.IsTest).SelectMany(plan => plan.Runs).DistinctBy(test => test.Directory)];
    }

    /// <summary>What is trained.</summary>
    public IReadOnlyList<Run> Trained { get; }

    /// <summary>What tests their networks.</summary>
    public IReadOnlyList<Run> Tests { get; }

    /// <summary>Why some cannot be trained here, once each.</summary>
    public IEnumerable<string> Faults => faults.Values.OfType<string>().Distinct();

    /// <summary>Why the runs of a group cannot be trained here; null if they can.</summary>
    public string? FaultOf(Plan plan)
    {
        var run = Sources(plan)[0];
        return faults.TryGetValue(run.Task, out var known) ? known : faults[run.Task] = Fault(run);
    }

    /// <summary>The run that stands for all with its settings.</summary>
    public Run Of(Run run) => tests.ContainsKey(run) ? run : named[run.Identity];

    /// <summary>The run whose network another tests.</summary>
    public Run SourceOf(Run test) => Of(tests[test]);

    private static IReadOnlyList<Run> Sources(Plan plan) => plan.IsTest ? plan.Tested : plan.Runs;

    private static string? Fault(Run run)
    {
        try
        {
            ImageTask.Require(run.Task);
            return null;
        }
        catch (PlasticException fault)
        {
            return fault.Message;
        }
    }
}
