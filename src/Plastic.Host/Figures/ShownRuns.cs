using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The runs that a chart shows.</summary>
/// <param name="Runs">The runs; the seeds of a point are consecutive.</param>
/// <param name="Label">What the curve of a run's point is called.</param>
internal sealed record ShownRuns(IReadOnlyList<Run> Runs, Func<Run, string> Label)
{
    /// <summary>Those of a planned figure, called by what distinguishes them from each other.</summary>
    public static ShownRuns Of(Plan plan, PlannedFigure figure) => new(figure.Runs, run => FigureRuns.Label(run, figure.Runs, plan.Axes));
}
