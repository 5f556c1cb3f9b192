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
                for (var i = 0; i < s.Source.Matrix.Rows; i++)
                {
                    var row = alphas + s.MatrixOffset + (long)i * s.Stride;
                    new Span<float>(row, s.Source.Matrix.Columns).Fill(1);
                }
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
            from.AsSpan(i * columns, columns).CopyTo(new Span<float>(to + (long)i * s.Stride, columns));
        }
    }
}
