using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The parameters as kernels read them: matrices in padded rows, vectors and constants beside them.</summary>
internal sealed unsafe class ParameterMemory : IDisposable
{
    private readonly Plan plan;
    private readonly AlignedBuffer vectors, weights, alphas;

    public ParameterMemory(Plan plan)
    {
        this.plan = plan;
        vectors = new AlignedBuffer(plan.SharedSize);
        weights = new AlignedBuffer(plan.MatrixSize);
        alphas = new AlignedBuffer(plan.MatrixSize);
        foreach (var (value, place) in plan.Constants)
        {
            new Span<float>(vectors.Pointer + place.Offset, place.Length).Fill((float)value);
        }
        foreach (var s in plan.Synapses)
        {
            if (s.IsPlastic && s.Source.Alpha < 0)
            {
                for (var i = 0; i < s.Source.Matrix.Rows; i++)
                {
                    var row = alphas.Pointer + s.MatrixOffset + (long)i * s.Stride;
                    new Span<float>(row, s.Source.Matrix.Columns).Fill(1);
                }
            }
        }
    }

    public SharedMemory Shared => new()
    {
        Vectors = vectors.Pointer,
        Weights = weights.Pointer,
        Alphas = alphas.Pointer,
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
            Copy(parameters[s.Source.Weight], weights.Pointer + s.MatrixOffset, s);
            if (s.Source.Alpha >= 0)
            {
                Copy(parameters[s.Source.Alpha], alphas.Pointer + s.MatrixOffset, s);
            }
        }
        foreach (var v in plan.Vectors)
        {
            parameters[v.Parameter].CopyTo(new Span<float>(vectors.Pointer + v.Value.Offset, v.Value.Length));
        }
    }

    public void Dispose()
    {
        vectors.Dispose();
        weights.Dispose();
        alphas.Dispose();
    }

    private static void Copy(float[] from, float* to, SynapsePlan s)
    {
        int rows = s.Source.Matrix.Rows, columns = s.Source.Matrix.Columns;
        for (var i = 0; i < rows; i++)
        {
            from.AsSpan(i * columns, columns).CopyTo(new Span<float>(to + (long)i * s.Stride, columns));
        }
    }
}
