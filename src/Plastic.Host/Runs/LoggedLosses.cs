using System.Text;

namespace Plastic.Host;

/// <summary>Reads the losses of a run from its metrics.jsonl.</summary>
internal static class LoggedLosses
{
    /// <summary>The losses of validations.</summary>
    /// <exception cref="PlasticException">A line is no record, or the file cannot be read.</exception>
    public static IReadOnlyDictionary<long, double> Validation(string file) => Read(file, "validation_loss");

    /// <summary>The mean training losses since the record before.</summary>
    /// <exception cref="PlasticException">A line is no record, or the file cannot be read.</exception>
    public static IReadOnlyDictionary<long, double> Training(string file) => Read(file, "training_loss");

    /// <summary>
    /// By training step; empty when the run has none. Records of other kinds are passed over, and so is a last line that
    /// has not been written to its end.
    /// </summary>
    private static Dictionary<long, double> Read(string file, string key)
    {
        var losses = new Dictionary<long, double>();
        if (!File.Exists(file)) return losses;
        var text = Encoding.UTF8.GetString(JsonReading.Bytes(file));
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        var number = 0;
        foreach (var line in whole.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            JsonReading.Parse($"{file} line {number}", Encoding.UTF8.GetBytes(line), record =>
            {
                if (record.Has(key))
                {
                    losses[record.Member("step").Whole(0, int.MaxValue)] = record.Member(key).Number();
                }
                return true;
            });
        }
        return losses;
    }
}
