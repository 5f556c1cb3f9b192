using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Whether parameters and a batch fit a Program, and a batch's data as devices read them.</summary>
internal static class BatchFit
{
    /// <summary>Refuses parameters that do not fit.</summary>
    /// <exception cref="ShapeException">Their number, or the size of one.</exception>
    public static void Require(EpisodeLayout layout, float[][] parameters)
    {
        var program = layout.Program;
        if (parameters.Length != program.Parameters.Length)
        {
            throw new ShapeException("parameters", $"{program.Parameters.Length} arrays", $"{parameters.Length}");
        }
        foreach (var (p, values) in program.Parameters.Zip(parameters))
        {
            if (values.Length != p.Size) throw new ShapeException($"parameter {p.Name}", $"{p.Size} numbers", $"{values.Length}");
        }
    }

    /// <summary>Refuses a batch that does not fit.</summary>
    /// <exception cref="ShapeException">Its size, or its data.</exception>
    public static void Require(EpisodeLayout layout, Batch batch)
    {
        var program = layout.Program;
        if (batch.Size != program.Batch)
        {
            throw new ShapeException("batch", $"{program.Batch} episodes, the batch size of the network", $"{batch.Size}");
        }
        if (batch.Steps < 1) throw new ShapeException("batch", "at least one step", $"{batch.Steps}");
        foreach (var (name, length) in layout.DataLengths)
        {
            var given = batch.Read(name, 0, 0).Count;
            if (given != length) throw new ShapeException($"data {name}", $"length {length}", $"{given}");
        }
    }

    /// <summary>The numbers of a batch's data: B·T rows of floats, one for each sample and step.</summary>
    public static int Floats(EpisodeLayout layout, int steps) => checked(layout.Program.Batch * steps * layout.DataSize);

    /// <summary>Writes the rows of one sample: [T, all data].</summary>
    public static void Write(EpisodeLayout layout, Batch batch, int sample, Span<float> rows)
    {
        var at = sample * batch.Steps * layout.DataSize;
        for (var step = 0; step < batch.Steps; step++)
        {
            foreach (var (name, _) in layout.DataLengths)
            {
                foreach (var value in batch.Read(name, sample, step)) rows[at++] = (float)value;
            }
        }
    }
}
