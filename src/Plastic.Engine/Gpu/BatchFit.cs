using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Whether parameters and a batch fit a Program, and a batch's data as devices read them.</summary>
internal static class BatchFit
{
    /// <summary>Refuses what does not fit.</summary>
    /// <exception cref="ShapeException">The number or size of the parameters, the batch's size, or its data.</exception>
    public static void Require(EpisodeLayout layout, float[][] parameters, Batch batch)
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

    /// <summary>The data of every sample and step, a row of floats each: [B, T, all data].</summary>
    public static float[] Rows(EpisodeLayout layout, Batch batch)
    {
        var rows = new float[(long)batch.Size * batch.Steps * layout.DataSize];
        var at = 0;
        for (var sample = 0; sample < batch.Size; sample++)
        {
            for (var step = 0; step < batch.Steps; step++)
            {
                foreach (var (name, _) in layout.DataLengths)
                {
                    foreach (var value in batch.Read(name, sample, step)) rows[at++] = (float)value;
                }
            }
        }
        return rows;
    }
}
