using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The parameters as kernels read them: matrices in padded rows, vectors and constants beside them.</summary>
internal sealed unsafe class ParameterMemory : IDisposable
{
    private readonly Plan plan;
    private readonly AlignedBuffer memory;
    private readonly float* weights, alphas, vectors;

    public ParameterMemory(Plan plan)
    {
        this.plan = plan;
        memory = new AlignedBuffer(2L * plan.MatrixSize + plan.SharedSize);
        weights = memory.Pointer;
        alphas = weights + plan.MatrixSize;
        vectors = alphas + plan.MatrixSize;
        foreach (var (value, place) in plan.Constants)
        {
            new Span<float>(vectors + place.Offset, place.Length).Fill((float)value);
        }
        foreach (var s in plan.Synapses)
        {
            if (s.IsPlastic && s.Source.Alpha < 0)
            {
                var ones = new float[s.Source.Matrix.Rows * s.Source.Matrix.Columns];
                Array.Fill(ones, 1);
                Copy(ones, alphas + s.MatrixOffset, s);
            }
        }
    }

    public SharedMemory Shared => new()
    {
        Vectors = vectors,
        Weights = weights,
        Alphas = alphas,
    };

    /// <summary>Copies the parameters in.</summary>
    /// <exception cref="ShapeException">A parameter is not of its size.</exception>
    public void Load(float[][] parameters)
    {
        var infos = plan.Program.Parameters;
        if (parameters.Length != infos.Length)
        {
            throw new ShapeException("parameters", $"{infos.Length} arrays", $"{parameters.Length}");
        }
        for (var k = 0; k < infos.Length; k++)
        {
            if (parameters[k].Length != infos[k].Size)
            {
                throw new ShapeException($"parameter {infos[k].Name}", $"{infos[k].Size} numbers", $"{parameters[k].Length}");
            }
        }
        foreach (var s in plan.Synapses)
        {
            Copy(parameters[s.Source.Weight], weights + s.MatrixOffset, s);
            if (s.Source.Alpha >= 0)
            {
                Copy(parameters[s.Source.Alpha], alphas + s.MatrixOffset, s);
            }
        }
        foreach (var v in plan.Vectors)
        {
            parameters[v.Parameter].CopyTo(new Span<float>(vectors + v.Value.Offset, v.Value.Length));
        }
    }

    public void Dispose() => memory.Dispose();

    private static void Copy(float[] from, float* to, SynapsePlan s)
    {
        int rows = s.Source.Matrix.Rows, columns = s.Source.Matrix.Columns;
        for (var i = 0; i < rows; i++)
        {
            var row = from.AsSpan(i * columns, columns);
            if (!s.IsTurned)
            {
                row.CopyTo(new Span<float>(to + s.At(i, 0), columns));
                continue;
            }
            for (var j = 0; j < columns; j++)
            {
                to[s.At(i, j)] = row[j];
            }
        }
    }

    /// <summary>A matrix as the engine keeps it, into an array of its shape.</summary>
    public static void Copy(float* from, float[] to, SynapsePlan s)
    {
        int rows = s.Source.Matrix.Rows, columns = s.Source.Matrix.Columns;
        for (var i = 0; i < rows; i++)
        {
            var row = to.AsSpan(i * columns, columns);
            if (!s.IsTurned)
            {
                new ReadOnlySpan<float>(from + s.At(i, 0), columns).CopyTo(row);
                continue;
            }
            for (var j = 0; j < columns; j++)
            {
                row[j] = from[s.At(i, j)];
            }
        }
    }
}
