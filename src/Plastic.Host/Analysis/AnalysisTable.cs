using System.Globalization;

namespace Plastic.Host;

/// <summary>The results of an analysis in a few lines, and for programs.</summary>
internal sealed class AnalysisTable(Analysis analysis)
{
    /// <summary>The steps that the lines have of all.</summary>
    private const int Shown = 4;

    private const string Frozen = "frozen from";

    private readonly InterventionLosses losses = analysis.Losses;
    private readonly EpisodeReadout readout = analysis.Readout;

    /// <summary>What was done, at which step counted from 1, and the losses.</summary>
    private IEnumerable<(string What, int? Step, EpisodeLosses Losses)> Interventions()
    {
        foreach (var (layer, without) in losses.WithoutLayer) yield return ($"F {layer} = 0", null, without);
        for (var k = 0; k < losses.At.Length; k++) yield return (Frozen, losses.At[k] + 1, losses.Frozen[k]);
        for (var k = 0; k < losses.At.Length; k++) yield return ("F = 0 before", losses.At[k] + 1, losses.FastReset[k]);
        for (var k = 0; k < losses.StatesReset.Count; k++)
        {
            yield return ($"{AnalysisFigures.StatesOf(analysis)} = 0 before", losses.At[k] + 1, losses.StatesReset[k]);
        }
    }

    /// <summary>The lines.</summary>
    public IEnumerable<string> Lines(int? width)
    {
        var some = EpisodeSteps.Spaced(losses.At.Length, Shown + 1)[..^1].Select(place => losses.At[place - 1] + 1).Prepend(1).Distinct().ToArray();
        List<string[]> rows = [["intervention", "step", "test loss", "change"], ["none", "", LossText.Of(losses.Intact.Loss.Value, losses.Intact.Loss.Margin), ""]];
        foreach (var (what, step, under) in Interventions().Where(one => one.Step is not { } at || (some.Contains(at) && (at > 1 || one.What == Frozen))))
        {
            var change = under.Beyond(losses.Intact);
            rows.Add([what, $"{step}", LossText.Of(under.Loss.Value), $"{(change.Value < 0 ? "" : "+")}{LossText.Of(change.Value, change.Margin)}"]);
        }
        foreach (var line in Columns.Lines(rows, [0, 0, 0, 0], [false, true, false, false], width)) yield return line;
        yield return "";
        int[] places = [.. EpisodeSteps.Spaced(readout.At.Length, Shown).Select(place => place - 1)];
        List<string[]> read = [["read linearly from", .. places.Select(place => $"after {readout.At[place] + 1}")]];
        bool Varies(Func<int, int, double> quality) =>
            Enumerable.Range(0, readout.Sources.Count).Any(source => readout.At.Select((_, at) => quality(source, at)).Any(double.IsFinite));

        (string, Func<int, int, double>)[] kinds = [.. new (string, Func<int, int, double> Quality)[]
            { ("answers", readout.Answerwise), ("targets", readout.Targetwise) }.Where(kind => Varies(kind.Quality))];
        // Inputs tell what is stored where the targets are always the same.
        foreach (var (name, quality) in kinds.Length > 0 ? kinds : [("inputs", readout.Inputwise)])
        {
            for (var k = 0; k < readout.Sources.Count; k++)
            {
                var source = k;
                read.Add([$"{name} from {readout.Sources[k].Name}", .. places.Select(place => Text(quality(source, place)))]);
            }
        }
        foreach (var line in Columns.Lines(read, [0, .. places.Select(_ => 1)], [false, .. places.Select(_ => true)], width)) yield return line;
    }

    /// <summary>For --json.</summary>
    /// <param name="files">The files that were written.</param>
    public object Document(IReadOnlyList<string> files) => new
    {
        Files = files,
        Episodes = analysis.Episodes.Count,
        Loss = losses.Intact.Loss.Value,
        losses.Intact.Loss.StandardError,
        Interventions = Interventions().Select(one => (one.What, one.Step, one.Losses.Loss, Change: one.Losses.Beyond(losses.Intact))).Select(one => new
        {
            Intervention = one.What,
            one.Step,
            Loss = JsonText.Finite(one.Loss.Value),
            Change = JsonText.Finite(one.Change.Value),
            ChangeStandardError = JsonText.Finite(one.Change.StandardError ?? double.NaN),
        }),
        ReadSteps = readout.At.Select(t => t + 1),
        Readouts = readout.Sources.Select((source, k) => new
        {
            Source = source.Name,
            AnswersR2 = readout.At.Select((_, at) => JsonText.Finite(readout.Answerwise(k, at))),
            InputsR2 = readout.At.Select((_, at) => JsonText.Finite(readout.Inputwise(k, at))),
            TargetsR2 = readout.At.Select((_, at) => JsonText.Finite(readout.Targetwise(k, at))),
        }),
    };

    private static string Text(double value) => double.IsFinite(value) ? value.ToString("F2", CultureInfo.InvariantCulture) : "";
}
