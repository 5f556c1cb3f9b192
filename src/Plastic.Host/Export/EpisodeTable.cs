using System.Globalization;

namespace Plastic.Host;

/// <summary>
/// Exported episodes as a table with a line for each step: what there is one value of at every step. States, fast weights and weights
/// are left out. Of the run it has the seed and the step of the weights.
/// </summary>
internal static class EpisodeTable
{
    /// <summary>Writes the table.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string file, IReadOnlyList<ExportedArray> arrays, ExportedRun run)
    {
        long[] Whole(string name) => (long[])arrays.Single(array => array.Tensor.Name == name).Tensor.Data;

        var (lengths, places) = (Whole("lengths"), Whole("episode_index"));
        ExportedArray[] stepwise = [.. arrays.Where(array => array.Axes is ["episode", "step", ..])];
        var steps = stepwise[0].Tensor.Shape[1];
        CsvText.Write(
            file,
            ["seed", "weights_step", "episode_index", "episode", "step", .. stepwise.SelectMany(Columns)],
            from episode in Enumerable.Range(0, lengths.Length)
            from step in Enumerable.Range(0, (int)lengths[episode])
            select ((long[])[run.Seed, run.WeightsStep, places[episode], episode + 1, step + 1]).Select(Text)
                .Concat(stepwise.SelectMany(array => Values(array, episode * steps + step))));
    }

    private static IEnumerable<string> Columns(ExportedArray array) => array.Tensor.Shape is [_, _, var width]
        ? Enumerable.Range(1, width).Select(k => $"{array.Tensor.Name.TrimEnd('s')}_{k}")
        : [array.Tensor.Name == "step_weights" ? "weight" : array.Tensor.Name];

    private static IEnumerable<string> Values(ExportedArray array, int row)
    {
        var width = array.Tensor.Shape is [_, _, var length] ? length : 1;
        return Enumerable.Range(row * width, width).Select(at =>
            array.Tensor.Data is float[] singles ? CsvText.Number(singles[at]) : CsvText.Number(((double[])array.Tensor.Data)[at]));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
