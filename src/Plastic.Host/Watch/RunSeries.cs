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
    // The step, then what there is of it in the order of its kinds.
    private static readonly NumberLine Line = new("step", "validation_loss", "validation_measure", "training_loss", "gradient_norm");

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
        Span<double> found = stackalloc double[1 + all.Length];
        if (!Line.TryRead(line, found) || !(found[0] is >= 0 and <= int.MaxValue)) return;
        var step = (int)found[0];
        LastStep = Math.Max(LastStep, step);
        for (var k = 0; k < all.Length; k++)
        {
            if (double.IsFinite(found[1 + k])) all[k].Add((step, found[1 + k]));
        }
    }
}
