using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The networks that a report looks into: of each point the first that is finished, six at most.</summary>
internal sealed class FinishedNetworks
{
    private const int Most = 6;

    private readonly Plan plan;
    private readonly Run[] all;

    /// <param name="plan">Its runs, of which those are meant …</param>
    /// <param name="directory">in this folder …</param>
    /// <param name="isMeant">for which this holds.</param>
    public FinishedNetworks(Plan plan, string directory, Func<Run, bool> isMeant)
    {
        this.plan = plan;
        all = [.. plan.Runs.GroupBy(run => run.Point)
            .Select(seeds => seeds.FirstOrDefault(run => isMeant(run) && HasNetwork(run, RunDirectory.PathOf(directory, run)))).OfType<Run>()];
        Shown = [.. all.Take(Most)];
    }

    /// <summary>The runs with their networks.</summary>
    public IReadOnlyList<Run> Shown { get; }

    /// <summary>" (of the first 6 of 8 networks)"; empty if these are all.</summary>
    public string Part => all.Length > Most ? $" (of the first {Most} of {all.Length} networks)" : "";

    /// <summary>What a run's network is called.</summary>
    public string Label(Run run) => $"{FigureRuns.Label(run, plan.Runs, plan.Axes)}, seed {run.Seed}";

    private static bool HasNetwork(Run run, string path) => RunDirectory.IsFinished(path, run)
        && File.Exists(Path.Combine(path, RunDirectory.Checkpoints, RunRecorder.BestFile));
}
