using Plastic.Claims;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The runs that claims rest on, each once: runs with the same settings are the same run, whatever experiments name it.</summary>
internal sealed class ClaimRuns
{
    private readonly Dictionary<RunSettings, Run> trained = [];
    private readonly Dictionary<Run, Run> tests = [];
    private readonly HashSet<string> faults = [];

    /// <param name="claims">The claims.</param>
    public ClaimRuns(IEnumerable<PlannedClaim> claims)
    {
        var canTrain = new Dictionary<Tasks.Task, string?>(ReferenceEqualityComparer.Instance);
        foreach (var plan in claims.SelectMany(claim => claim.Plans))
        {
            foreach (var run in plan.IsTest ? plan.Tested : plan.Runs)
            {
                if (!canTrain.TryGetValue(run.Task, out var fault)) fault = canTrain[run.Task] = Fault(run);
                if (fault is null) trained.TryAdd(run.Identity, run);
                else faults.Add(fault);
            }
            if (plan.IsTest)
            {
                foreach (var (test, source) in plan.Runs.Zip(plan.Tested)) tests.TryAdd(test, source);
            }
        }
        Tests = [.. tests.Keys.DistinctBy(test => test.Directory)];
    }

    /// <summary>What is trained.</summary>
    public IReadOnlyCollection<Run> Trained => trained.Values;

    /// <summary>What tests their networks.</summary>
    public IReadOnlyList<Run> Tests { get; }

    /// <summary>Why some cannot be trained here, once each.</summary>
    public IEnumerable<string> Faults => faults;

    /// <summary>The run that stands for all with its settings.</summary>
    public Run Of(Run run) => tests.ContainsKey(run) ? run : trained.GetValueOrDefault(run.Identity, run);

    /// <summary>The run whose network another tests.</summary>
    public Run SourceOf(Run test) => Of(tests[test]);

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
