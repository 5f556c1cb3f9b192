using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// How well the inputs that were shown, and the targets, can be read linearly from fast weights and from states after each step. A
/// readout (<see cref="Ridge"/>) is fitted for each step t after which it reads, each source and each number, and tested on episodes that
/// it was not fitted to (<see cref="HeldOut"/>). Answers to <see cref="Questions"/> are read with the question's input as well.
/// </summary>
internal sealed class EpisodeReadout
{
    /// <summary>The most steps after which is read, evenly spaced.</summary>
    public const int MostSteps = 24;

    /// <summary>Inputs are read where a step has at most so many.</summary>
    public const int MostInputs = 64;

    /// <summary>Fewer episodes than this are too few to fit a readout to.</summary>
    public const int LeastEpisodes = 16;

    private readonly AnalysedEpisodes episodes;
    private readonly ReadNumbers[] inputs, targets;
    private readonly ReadQuality?[][][] ofInputs, ofTargets;
    private readonly ReadQuality[][] ofAnswers;

    private EpisodeReadout(AnalysedEpisodes episodes, PlasticNetwork network)
    {
        this.episodes = episodes;
        Sources = ReadSource.Of(network);
        At = [.. EpisodeSteps.Spaced(episodes.Steps, MostSteps).Select(step => step - 1)];
        inputs = episodes.Inputs <= MostInputs ? ReadNumbers.Inputs(episodes) : [];
        targets = ReadNumbers.Targets(episodes);
        ofInputs = Empty(inputs.Length);
        ofTargets = Empty(targets.Length);
        Questions = Questions.Of(episodes);
        ofAnswers = [.. Sources.Select(_ => new ReadQuality[At.Length])];
    }

    /// <summary>What is read.</summary>
    public IReadOnlyList<ReadSource> Sources { get; }

    /// <summary>The steps after which is read, from 0.</summary>
    public int[] At { get; }

    /// <summary>The inputs of every step; none where a step has too many.</summary>
    public IReadOnlyList<ReadNumbers> Inputs => inputs;

    /// <summary>The targets of every step that counts.</summary>
    public IReadOnlyList<ReadNumbers> Targets => targets;

    /// <summary>The questions; null where the task asks none.</summary>
    public Questions? Questions { get; }

    /// <summary>Runs the episodes and fits the readouts.</summary>
    /// <param name="episodes">The episodes.</param>
    /// <param name="network">The network.</param>
    /// <param name="executor">Runs it, without its encoder.</param>
    /// <param name="parameters">The weights of that part.</param>
    /// <param name="crew">The threads.</param>
    /// <param name="stop">Checked at every step.</param>
    public static EpisodeReadout Of(
        AnalysedEpisodes episodes, PlasticNetwork network, IExecutor executor, double[][] parameters, Crew crew, CancellationToken stop)
    {
        var readout = new EpisodeReadout(episodes, network);
        new EpisodeProducts(episodes, network, crew).Run(
            readout.At, readout.Sources, executor, parameters,
            (at, products) => crew.Run(products.Length, (_, source) => readout.Read(at, source, products[source])), stop);
        return readout;
    }

    /// <summary>How well an input was read after a step; null where it had not been shown yet, or had too few episodes.</summary>
    /// <param name="source">The place of the source.</param>
    /// <param name="at">The place of the step in <see cref="At"/>.</param>
    /// <param name="input">The place of the input.</param>
    public ReadQuality? OfInput(int source, int at, int input) => ofInputs[source][at][input];

    /// <summary>How well a target was read after a step; null where it had too few episodes.</summary>
    /// <param name="source">The place of the source.</param>
    /// <param name="at">The place of the step in <see cref="At"/>.</param>
    /// <param name="target">The place of the target.</param>
    public ReadQuality? OfTarget(int source, int at, int target) => ofTargets[source][at][target];

    /// <summary>How well the answers were read after a step; null where there are no questions.</summary>
    /// <param name="source">The place of the source.</param>
    /// <param name="at">The place of the step in <see cref="At"/>.</param>
    public ReadQuality? OfAnswers(int source, int at) => Questions is null ? null : ofAnswers[source][at];

    /// <summary>R² of the answers; NaN where there are no questions.</summary>
    public double Answerwise(int source, int at) => OfAnswers(source, at)?.Whole ?? double.NaN;

    /// <summary>The mean of R² over the inputs shown so far that vary; NaN where there is none.</summary>
    public double Inputwise(int source, int at) => Average(ofInputs[source][at]);

    /// <summary>The mean of R² over the targets that vary, of steps past and to come; NaN where there is none.</summary>
    public double Targetwise(int source, int at) => Average(ofTargets[source][at]);

    private static double Average(ReadQuality?[] qualities)
    {
        double[] known = [.. qualities.OfType<ReadQuality>().Select(quality => quality.Whole).Where(double.IsFinite)];
        return known.Length == 0 ? double.NaN : known.Sum() / known.Length;
    }

    private ReadQuality?[][][] Empty(int numbers) =>
        [.. Sources.Select(_ => At.Select(_ => new ReadQuality?[numbers]).ToArray())];

    /// <summary>Fits one source after one step. Numbers that the same episodes have are predicted together.</summary>
    private void Read(int at, int source, double[] products)
    {
        if (Questions is { } questions) ofAnswers[source][at] = questions.Read(products, episodes.Count);
        var read = inputs.Select((numbers, k) => (Numbers: numbers, To: ofInputs, Place: k)).Where(one => one.Numbers.Step <= At[at])
            .Concat(targets.Select((numbers, k) => (Numbers: numbers, To: ofTargets, Place: k)));
        var among = read.Select(one => (One: one, Episodes: Reached(one.Numbers.Episodes, At[at])));
        foreach (var together in among.GroupBy(one => string.Join(',', one.Episodes)))
        {
            var those = together.First().Episodes;
            if (those.Length < LeastEpisodes) continue;
            (ReadNumbers Numbers, ReadQuality?[][][] To, int Place)[] all = [.. together.Select(one => one.One)];
            var qualities = HeldOut.Qualities(
                products, episodes.Count, those, [.. those.Select(e => e % HeldOut.Parts)], [.. all.Select(one => one.Numbers)]);
            foreach (var (one, quality) in all.Zip(qualities))
            {
                one.To[source][at][one.Place] = quality;
            }
        }
    }

    private int[] Reached(int[] some, int step) => [.. some.Where(e => episodes.Length(e) > step)];
}
