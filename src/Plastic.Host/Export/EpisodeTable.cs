using System.Globalization;

namespace Plastic.Host;

/// <summary>
/// Exported episodes as a table with a line for each step: what there is one value of at every step. States, fast weights and weights
/// are left out.
/// </summary>
internal static class EpisodeTable
{
    /// <summary>Writes the table.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string file, IReadOnlyList<ExportedArray> arrays)
    {
        var lengths = (long[])arrays.Single(array => array.Tensor.Name == "lengths").Tensor.Data;
        ExportedArray[] stepwise = [.. arrays.Where(array => array.Axes is ["episode", "step", ..])];
        var steps = stepwise[0].Tensor.Shape[1];
        CsvText.Write(
            file,
            ["episode", "step", .. stepwise.SelectMany(Columns)],
            from episode in Enumerable.Range(0, lengths.Length)
            from step in Enumerable.Range(0, (int)lengths[episode])
            select new[] { Text(episode), Text(step) }.Concat(stepwise.SelectMany(array => Values(array, episode * steps + step))));
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

    private static string Text(int index) => (index + 1).ToString(CultureInfo.InvariantCulture);
}
