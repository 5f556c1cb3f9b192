namespace Plastic.Host;

/// <summary>
/// What a readout predicts: a vector of numbers of each episode that belong to a step s, its input or its target, in the episodes that
/// reach that step (and, for a target, count it in the loss).
/// </summary>
/// <param name="Step">s, from 0.</param>
/// <param name="Width">Numbers in a vector.</param>
/// <param name="Episodes">The episodes that have it, ascending.</param>
/// <param name="Of">Number k of episode e.</param>
internal sealed record ReadNumbers(int Step, int Width, int[] Episodes, Func<int, int, double> Of)
{
    /// <summary>The inputs of each step.</summary>
    public static ReadNumbers[] Inputs(AnalysedEpisodes episodes) => [.. Enumerable.Range(0, episodes.Steps).Select(s => new ReadNumbers(
        s, episodes.Inputs, Those(episodes, s, _ => true), (e, k) => episodes.Input(e, s)[k]))];

    /// <summary>The targets of each step that some episode counts in its loss.</summary>
    public static ReadNumbers[] Targets(AnalysedEpisodes episodes) => [.. Enumerable.Range(0, episodes.Steps)
        .Select(s => new ReadNumbers(
            s, episodes.Outputs, Those(episodes, s, e => episodes.Weight(e, s) > 0), (e, k) => episodes.Target(e, s)[k]))
        .Where(target => target.Episodes.Length > 0)];

    private static int[] Those(AnalysedEpisodes episodes, int step, Func<int, bool> are) =>
        [.. Enumerable.Range(0, episodes.Count).Where(e => episodes.Length(e) > step && are(e))];
}

/// <summary>How well the numbers of one step were read after another step.</summary>
/// <param name="Errors">Σ(y − prediction)² over episodes, for each number.</param>
/// <param name="Deviations">Σ(y − ȳ)², ȳ the mean over the episodes that the readout was fitted to, for each number.</param>
/// <param name="Right">The share of episodes in which the largest number was predicted the largest.</param>
internal readonly record struct ReadQuality(double[] Errors, double[] Deviations, double Right)
{
    /// <summary>With some more episodes.</summary>
    /// <param name="all">How many episodes there will be in the end.</param>
    /// <param name="fitted">For each number its values in the episodes that the readout was fitted to.</param>
    /// <param name="predicted">What it predicts for these episodes.</param>
    /// <param name="truth">What is true of them.</param>
    public ReadQuality With(int all, double[][] fitted, double[][] predicted, double[][] truth)
    {
        for (var k = 0; k < truth.Length; k++)
        {
            var mean = fitted[k].Sum() / fitted[k].Length;
            for (var e = 0; e < truth[k].Length; e++)
            {
                var (error, deviation) = (truth[k][e] - predicted[k][e], truth[k][e] - mean);
                Errors[k] += error * error;
                Deviations[k] += deviation * deviation;
            }
        }
        var right = Enumerable.Range(0, truth[0].Length).Count(e => Largest(truth, e) == Largest(predicted, e));
        return this with { Right = Right + right / (double)all };
    }

    private static int Largest(double[][] numbers, int episode) => Enumerable.Range(0, numbers.Length).MaxBy(k => numbers[k][episode]);

    /// <summary>R² = 1 − Σ errors / Σ deviations over all numbers; NaN where they do not vary.</summary>
    public double Whole => R2(Errors.Sum(), Deviations.Sum());

    /// <summary>R² of one number.</summary>
    public double Of(int number) => R2(Errors[number], Deviations[number]);

    private static double R2(double errors, double deviations) => deviations > 1e-20 ? 1 - errors / deviations : double.NaN;
}
