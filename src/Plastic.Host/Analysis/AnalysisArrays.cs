using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>The numbers of an analysis as arrays for other programs. Steps are counted from 1; what there is not is NaN.</summary>
internal sealed class AnalysisArrays(Analysis analysis)
{
    private readonly AnalysedEpisodes episodes = analysis.Episodes;
    private readonly EpisodeReadout readout = analysis.Readout;
    private readonly InterventionLosses losses = analysis.Losses;

    /// <summary>Writes them to an .npz file, with what their axes are and which run they are of.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string file, ExportedRun run)
    {
        ExportedArray[] arrays = [.. All()];
        Npz.Write(
            file, arrays.Select(array => array.Tensor),
            [
                ("layers", [.. analysis.Network.PlasticSynapses.Select(layer => layer.Name)]),
                ("sources", [.. readout.Sources.Select(source => source.Name)]),
                ("axes", [.. arrays.Select(array => array.Description)]),
                ("run", [JsonText.Line(run)]),
            ]);
    }

    private (string, int) Episode => ("episode", episodes.Count);

    private (string, int)[] Places => [("source", readout.Sources.Count), ("read step", readout.At.Length)];

    private (string, int) Step => ("step", episodes.Steps);

    private IEnumerable<ExportedArray> All()
    {
        var layer = ("layer", analysis.Network.PlasticSynapses.Count);
        yield return Whole("episode_index", Enumerable.Range(0, episodes.Count).Select(k => analysis.Run.Episodes.Index(Part.Test, k)), "episode");
        yield return Whole("lengths", Enumerable.Range(0, episodes.Count).Select(episodes.Length), "episode");
        yield return ExportedArray.Of("eta", analysis.Course.Rates, Episode, Step);
        yield return ExportedArray.Of("fast_norm", Joined(analysis.Course.Norms), layer, Episode, Step);
        yield return ExportedArray.Of("slow_norm", Joined([[.. analysis.Course.SlowNorms]]), layer);
        yield return Whole("read_steps", readout.At.Select(t => t + 1), "read step");
        foreach (var array in Answers().Concat(Read("inputs", readout.Inputs, readout.OfInput, "input")).Concat(Read("targets", readout.Targets, readout.OfTarget, "output")))
        {
            yield return array;
        }
        var at = ("intervention step", losses.At.Length);
        yield return Whole("intervention_steps", losses.At.Select(t => t + 1), at.Item1);
        foreach (var array in Under("intact", [losses.Intact])) yield return array;
        foreach (var array in Under("frozen", losses.Frozen, at)) yield return array;
        foreach (var array in Under("fast_reset", losses.FastReset, at)) yield return array;
        if (losses.StatesReset.Count > 0)
        {
            foreach (var array in Under("states_reset", losses.StatesReset, at)) yield return array;
        }
        foreach (var array in Under("without_layer", [.. losses.WithoutLayer.Select(one => one.Losses)], layer)) yield return array;
    }

    /// <summary>Losses by episode and by step.</summary>
    private IEnumerable<ExportedArray> Under(string name, IReadOnlyList<EpisodeLosses> all, params (string, int)[] axes) =>
    [
        ExportedArray.Of($"loss_{name}", Joined([.. all.Select(one => one.ByEpisode)]), [.. axes, Episode]),
        ExportedArray.Of($"step_loss_{name}", Joined([.. all.Select(one => one.BySteps)]), [.. axes, Step]),
    ];

    /// <summary>R² of the answers to questions, and how often the largest number was found where targets are labels.</summary>
    private IEnumerable<ExportedArray> Answers()
    {
        if (readout.Questions is null) yield break;
        double[] Each(Func<ReadQuality, double> of) =>
        [
            .. from source in Enumerable.Range(0, readout.Sources.Count)
               from at in Enumerable.Range(0, readout.At.Length)
               select of(readout.OfAnswers(source, at)!.Value),
        ];
        yield return ExportedArray.Of("answers_r2", Each(known => known.Whole), Places);
        if (analysis.Run.Task.Loss.IsCrossEntropy) yield return ExportedArray.Of("answers_accuracy", Each(known => known.Right), Places);
    }

    /// <summary>R² of all numbers of a step together and of each, and how often the largest was found where targets are labels.</summary>
    private IEnumerable<ExportedArray> Read(string name, IReadOnlyList<ReadNumbers> numbers, Func<int, int, int, ReadQuality?> quality, string one)
    {
        if (numbers.Count == 0) yield break;
        var width = numbers[0].Width;
        (string, int)[] axes = [.. Places, ($"step of the {one}", numbers.Count)];
        double[] Each(Func<ReadQuality, IEnumerable<double>> of, int count) =>
        [
            .. from source in Enumerable.Range(0, readout.Sources.Count)
               from at in Enumerable.Range(0, readout.At.Length)
               from place in Enumerable.Range(0, numbers.Count)
               from value in quality(source, at, place) is { } known ? of(known) : Enumerable.Repeat(double.NaN, count)
               select value,
        ];
        yield return Whole($"{name}_steps", numbers.Select(each => each.Step + 1), axes[2].Item1);
        yield return ExportedArray.Of($"{name}_r2", Each(known => [known.Whole], 1), axes);
        yield return ExportedArray.Of(
            $"{name}_r2_each", Each(known => Enumerable.Range(0, width).Select(known.Of), width), [.. axes, (one, width)]);
        if (name == "targets" && analysis.Run.Task.Loss.IsCrossEntropy)
        {
            yield return ExportedArray.Of($"{name}_accuracy", Each(known => [known.Right], 1), axes);
        }
    }

    private static ExportedArray Whole(string name, IEnumerable<int> numbers, string axis)
    {
        long[] all = [.. numbers.Select(number => (long)number)];
        return ExportedArray.Of(name, all, (axis, all.Length));
    }

    private static double[] Joined(IEnumerable<double[]> parts) => [.. parts.SelectMany(part => part)];
}
