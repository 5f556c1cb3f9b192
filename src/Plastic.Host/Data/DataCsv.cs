using System.Globalization;
using System.Text;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// A data set as text: a line with the names of the columns, then a line per step, values separated by commas, semicolons or tabs.
/// Columns: episode (any text; the steps of an episode follow each other), one or more input… and target… columns in their order, or
/// label instead of targets; weight and split (train, validation or test) where wanted.
/// </summary>
internal sealed class DataCsv
{
    private const int MostColumns = 100_000;

    private readonly string[] columns;
    private readonly int episodeColumn, splitColumn, labelColumn, weightColumn;
    private readonly int[] inputColumns, targetColumns;
    private readonly List<double> inputs = [], targets = [], weights = [], splits = [], lengths = [];
    private readonly HashSet<string> seen = [];
    private string? episode, split;

    private readonly long memory;
    private long held;

    private DataCsv(IEnumerable<string> header, long memory)
    {
        this.memory = memory;
        columns = [.. header.Select(name => name.Trim())];
        if (columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new FormatException($"line 1 names the column {Quoted(twice.Key)} twice");
        }
        episodeColumn = Array.IndexOf(columns, "episode");
        splitColumn = Array.IndexOf(columns, "split");
        labelColumn = Array.IndexOf(columns, "label");
        weightColumn = Array.IndexOf(columns, "weight");
        inputColumns = Starting("input");
        targetColumns = labelColumn >= 0 ? [labelColumn] : Starting("target");
        if (episodeColumn < 0 || inputColumns.Length == 0 || targetColumns.Length == 0)
        {
            throw new FormatException("line 1 must name the columns, separated by commas, semicolons or tabs: episode, input…, target… or label; weight, split where wanted");
        }
        int[] known = [episodeColumn, splitColumn, labelColumn, weightColumn, .. inputColumns, .. targetColumns];
        if (Enumerable.Range(0, columns.Length).Except(known).Select(at => (int?)at).FirstOrDefault() is { } unknown)
        {
            throw new FormatException(
                $"line 1: column {Quoted(columns[unknown])} is unknown; there are episode, input…, target… or label, weight and split");
        }
    }

    /// <summary>The arrays of a file, whose episodes follow each other.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="memory">The bytes of memory that there are.</param>
    /// <exception cref="FormatException">It has another layout, or does not fit; the message says where.</exception>
    public static IReadOnlyList<DataArray> Read(Stream stream, long memory)
    {
        if (Memory.Lack(stream.Length, memory) is { } lack) throw new FormatException(lack);
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), true, 1 << 16, leaveOpen: true);
        try
        {
            var records = new CsvRecords(reader);
            var fields = new List<string>();
            if (!records.Read(MostColumns, fields)) throw new FormatException("the file is empty");
            var csv = new DataCsv(fields, memory);
            while (records.Read(csv.columns.Length, fields)) csv.Add(fields, records.Line);
            return csv.Arrays();
        }
        catch (DecoderFallbackException fault)
        {
            throw new FormatException("not text in UTF-8", fault);
        }
    }

    private int[] Starting(string prefix) =>
        [.. Enumerable.Range(0, columns.Length).Where(at => columns[at].StartsWith(prefix, StringComparison.Ordinal))];

    private void Add(List<string> fields, int number)
    {
        if (fields.Count < columns.Length)
        {
            throw new FormatException($"line {number} has {CountText.Of(fields.Count, "value")} for {columns.Length} columns");
        }
        // In the end the numbers of each list are copied into an array.
        held += 2L * sizeof(double) * columns.Length;
        if (Memory.Lack(held, memory) is { } lack) throw new FormatException($"up to line {number} it {lack}");
        if (fields[episodeColumn] != episode)
        {
            episode = fields[episodeColumn];
            if (!seen.Add(episode)) throw new FormatException($"line {number}: episode {Quoted(episode)} comes back; its steps must follow each other");
            held += sizeof(char) * episode.Length;
            lengths.Add(0);
            split = splitColumn < 0 ? null : fields[splitColumn];
            if (split is not null) splits.Add(SplitOf(split, number));
        }
        else if (split is not null && fields[splitColumn] != split)
        {
            throw new FormatException($"line {number}: split changes from {Quoted(split)} to {Quoted(fields[splitColumn])} within episode {Quoted(episode)}");
        }
        lengths[^1]++;
        foreach (var at in inputColumns) inputs.Add(Number(at));
        foreach (var at in targetColumns) targets.Add(Number(at));
        if (weightColumn >= 0) weights.Add(Number(weightColumn));

        double Number(int at) =>
            double.TryParse(fields[at], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                ? value
                : throw new FormatException(
                    $"line {number}, column {Quoted(columns[at])}: {Quoted(fields[at])} is not a number"
                    + (fields[at].Contains(',') ? "; write decimals with a point" : ""));
    }

    private static double SplitOf(string text, int number) => text.Trim() switch
    {
        "train" => 0,
        "validation" => 1,
        "test" => 2,
        _ => throw new FormatException($"line {number}: split is {Quoted(text)}; expected train, validation or test"),
    };

    private IReadOnlyList<DataArray> Arrays()
    {
        var rows = inputs.Count / inputColumns.Length;
        var arrays = new List<DataArray>
        {
            Array("inputs", inputs, false, rows, inputColumns.Length),
            labelColumn >= 0 ? Array("targets", targets, true, rows) : Array("targets", targets, false, rows, targetColumns.Length),
            Array("lengths", lengths, true, lengths.Count),
        };
        if (labelColumn >= 0 && targets.FindIndex(label => label != Math.Floor(label)) is var at and >= 0)
        {
            throw new FormatException($"step {at + 1}: label {targets[at].ToString(CultureInfo.InvariantCulture)} is not a whole number");
        }
        if (weightColumn >= 0) arrays.Add(Array("weights", weights, false, rows));
        if (splitColumn >= 0) arrays.Add(Array("split", splits, true, splits.Count));
        return arrays;

        static DataArray Array(string name, List<double> numbers, bool isWhole, params int[] shape) =>
            new(name, shape, numbers.ToArray(), isWhole);
    }

    private static string Quoted(string text) => $"'{SafeText.Line(text.Length > 40 ? text[..40] + "…" : text)}'";
}
