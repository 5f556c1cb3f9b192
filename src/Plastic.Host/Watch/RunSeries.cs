using System.Text.Json;

namespace Plastic.Host;

/// <summary>What can be drawn of a run over its steps.</summary>
internal enum Shown
{
    Validation,
    Measure,
    Training,
    Gradient,
}

/// <summary>The numbers of metrics.jsonl, each at its step, in the order of the file.</summary>
internal sealed class RunSeries
{
    private readonly List<(int Step, double Value)>[] all = [[], [], [], []];

    /// <summary>The last step of a line.</summary>
    public int LastStep { get; private set; }

    /// <summary>The numbers of one kind.</summary>
    public IReadOnlyList<(int Step, double Value)> this[Shown shown] => all[(int)shown];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        foreach (var series in all) series.Clear();
        LastStep = 0;
    }

    /// <summary>Adds a line; one that is no line of metrics is left out.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        Span<double> found = stackalloc double[all.Length];
        found.Fill(double.NaN);
        var step = -1;
        try
        {
            var reader = new Utf8JsonReader(line);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                var at = reader.ValueTextEquals("validation_loss"u8) ? (int)Shown.Validation
                    : reader.ValueTextEquals("validation_measure"u8) ? (int)Shown.Measure
                    : reader.ValueTextEquals("training_loss"u8) ? (int)Shown.Training
                    : reader.ValueTextEquals("gradient_norm"u8) ? (int)Shown.Gradient
                    : -1;
                var isStep = at < 0 && reader.ValueTextEquals("step"u8);
                if (!reader.Read() || reader.TokenType != JsonTokenType.Number) continue;
                if (isStep) reader.TryGetInt32(out step);
                else if (at >= 0 && reader.TryGetDouble(out var value)) found[at] = value;
            }
        }
        catch (JsonException)
        {
            return;
        }
        if (step < 0) return;
        LastStep = Math.Max(LastStep, step);
        for (var k = 0; k < found.Length; k++)
        {
            if (double.IsFinite(found[k])) all[k].Add((step, found[k]));
        }
    }
}
