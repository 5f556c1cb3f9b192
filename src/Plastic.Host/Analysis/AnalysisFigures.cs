namespace Plastic.Host;

/// <summary>The figures of an analysis. Steps are counted from 1.</summary>
internal static class AnalysisFigures
{
    private const string Deviation = "mean ± SD", Error = "± 1.96 SE of the change";

    /// <summary>Their names and contents, those that have any.</summary>
    public static IEnumerable<(string Name, Chart Chart)> Of(Analysis analysis)
    {
        var layers = analysis.Network.PlasticSynapses.Select(layer => layer.Name).ToArray();
        (string, Chart?)[] all =
        [
            ("eta", Course(analysis, "eta", "inner learning rate η, or modulation M", [("η", analysis.Course.Rates, 1)])),
            ("fast_norm", Course(analysis, "fast_norm", "norm of the fast weights ‖F‖", [.. layers.Zip(analysis.Course.Norms, (name, norms) => (name, norms, 1.0))])),
            ("fast_share", Course(
                analysis, "fast_share", "‖F‖ as a share of ‖W‖",
                [.. layers.Select((name, k) => (name, analysis.Course.Norms[k], 1 / analysis.Course.SlowNorms[k]))])),
            ("read_answers", Read(analysis, "answers, read from it with the question: R²", analysis.Readout.Answerwise, analysis.Readout.Questions?.Count)),
            ("read_inputs", Read(analysis, "inputs shown so far, read linearly: R²", analysis.Readout.Inputwise)),
            ("read_targets", Read(analysis, "targets of all steps, read linearly: R²", analysis.Readout.Targetwise)),
            ("read_targets_by_step", ByStep(analysis)),
            ("interventions", Interventions(analysis)),
            ("loss_by_step", LossByStep(analysis)),
        ];
        return all.Where(one => one.Item2 is not null).Select(one => (one.Item1, one.Item2!.WithSeeds()));
    }

    private static Chart? Of(Analysis analysis, string y, string yLabel, string xLabel, string spread, IEnumerable<ChartCurve> curves, bool marks = false)
    {
        ChartCurve[] drawn = [.. curves.Where(curve => curve.Points.Count > 0)];
        return drawn.Length == 0 ? null : new Chart("step", y, xLabel, yLabel, drawn, marks) { Spread = spread, Counted = "episodes" };
    }

    private static ChartCurve Curve(string label, IEnumerable<ChartPoint> points) =>
        new(label, label, [.. points.Where(point => double.IsFinite(point.Value))]);

    /// <summary>The mean over the episodes that reach a step, and their standard deviation.</summary>
    private static Chart? Course(Analysis analysis, string y, string label, (string Name, double[] Values, double Factor)[] series) => Of(
        analysis, y, label, "step of the episode", Deviation, series.Select(one => Curve(
            one.Name, Enumerable.Range(0, analysis.Episodes.Steps).Select(t =>
            {
                var (mean, deviation, count) = Moments(one.Values, analysis.Episodes.Steps, t);
                return ChartPoint.Around(t + 1, one.Factor * mean, one.Factor * deviation, count);
            }))));

    /// <summary>Mean and standard deviation over the episodes that reach a step, and how many these are.</summary>
    public static (double Mean, double Deviation, int Count) Moments(double[] values, int steps, int step)
    {
        double[] known = [.. Enumerable.Range(0, values.Length / steps).Select(e => values[e * steps + step]).Where(double.IsFinite)];
        if (known.Length == 0) return (double.NaN, double.NaN, 0);
        var mean = known.Sum() / known.Length;
        return (mean, Math.Sqrt(known.Sum(value => (value - mean) * (value - mean)) / known.Length), known.Length);
    }

    private static Chart? Read(Analysis analysis, string label, Func<int, int, double> quality, int? count = null) => Of(
        analysis, "r2", label, "read after step", "", analysis.Readout.Sources.Select((source, k) => Curve(
            source.Name, analysis.Readout.At.Select((t, at) => new ChartPoint(t + 1, quality(k, at), null, count ?? analysis.Episodes.Count)))));

    /// <summary>R² of the targets of each step, read after the last one.</summary>
    private static Chart? ByStep(Analysis analysis) => Of(
        analysis, "r2", "read after the last step: R²", "step of the target", "", analysis.Readout.Sources.Select((source, k) => Curve(
            source.Name, analysis.Readout.Targets.Select((target, place) => new ChartPoint(
                target.Step + 1, analysis.Readout.OfTarget(k, analysis.Readout.At.Length - 1, place)?.Whole ?? double.NaN, null, target.Episodes.Length)))));

    private static Chart? Interventions(Analysis analysis)
    {
        var losses = analysis.Losses;
        ChartCurve Under(string label, IReadOnlyList<EpisodeLosses> all) => Curve(label, all.Select((one, k) => ChartPoint.Around(
            losses.At[k] + 1, one.Loss.Value, one.Beyond(losses.Intact).Margin, analysis.Episodes.Count)));

        var chart = Of(
            analysis, "loss", "test loss", "step", Error,
            [
                Under("no learning from this step on", losses.Frozen),
                Under("F = 0 before it", losses.FastReset),
                Under($"{StatesOf(analysis)} = 0 before it", losses.StatesReset),
            ]);
        return chart! with { Baselines = [("intact", losses.Intact.Loss.Value)] };
    }

    /// <summary>"h", or "h+c".</summary>
    public static string StatesOf(Analysis analysis) => analysis.Readout.Sources[^1].Name;

    /// <summary>The share of each step in the loss: of the intact network, without any plasticity, and without a layer's.</summary>
    private static Chart? LossByStep(Analysis analysis)
    {
        var losses = analysis.Losses;
        ChartCurve Of(string label, EpisodeLosses one) => Curve(label, one.BySteps
            .Select((loss, t) => new ChartPoint(t + 1, loss, null, analysis.Episodes.Count))
            .Where((_, t) => analysis.Readout.Targets.Any(target => target.Step == t)));

        return AnalysisFigures.Of(
            analysis, "loss", "share of the step in the test loss", "step of the episode", "",
            [
                Of("intact", losses.Intact),
                .. losses.WithoutLayer.Count > 1 ? losses.WithoutLayer.Select(one => Of($"F {one.Layer} = 0", one.Losses)) : [],
                Of("F = 0", losses.WithoutAny),
            ]);
    }
}
