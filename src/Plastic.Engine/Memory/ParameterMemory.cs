using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The parameters in the layout that kernels read: matrices in padded rows and in panels, vectors and constants.</summary>
internal sealed unsafe class ParameterMemory : IDisposable
{
    private readonly Plan plan;
    private readonly AlignedBuffer memory;
    private readonly SharedParameters shared;
    private readonly float* staged;
    private readonly Action<int, int> copy, cut;
    private float[][] parameters = [];

    public ParameterMemory(Plan plan)
    {
        this.plan = plan;
        memory = new AlignedBuffer(Floats(plan));
        var pieces = new BumpAllocator(memory.Pointer);
        shared = new SharedParameters
        {
            Alphas = pieces.Allot(plan.MatrixSize),
            WeightPanels = pieces.Allot(plan.MatrixSize),
            AlphaPanels = pieces.Allot(plan.MatrixSize),
            TransposedWeightPanels = pieces.Allot(plan.TransposedSize),
            TransposedAlphaPanels = pieces.Allot(plan.TransposedSize),
            Vectors = pieces.Allot(plan.SharedSize),
        };
        staged = pieces.Allot(plan.MatrixSize);
        copy = Copy;
        cut = Cut;
        foreach (var (value, place) in plan.Constants)
        {
            new Span<float>(shared.Vectors + place.Offset, place.Length).Fill((float)value);
        }
        foreach (var s in plan.Synapses)
        {
            if (s is PlasticPlan { Alpha.Parameter: null })
            {
                var ones = new float[s.Layout.Inputs * s.Layout.Outputs];
                Array.Fill(ones, 1);
                Copy(ones, shared.Alphas + s.MatrixOffset, s.Layout);
            }
        }
    }

    public SharedParameters Shared => shared;

    /// <summary>Floats in all.</summary>
    public static long Floats(Plan plan) => 4L * plan.MatrixSize + 2L * plan.TransposedSize + plan.SharedSize;

    /// <summary>Bytes allotted.</summary>
    public long Bytes => memory.Bytes;

    /// <summary>Copies the parameters in.</summary>
    /// <exception cref="ShapeException">A parameter has the wrong size.</exception>
    public void Load(float[][] parameters, Crew crew)
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
        this.parameters = parameters;
        crew.Run(2 * plan.Synapses.Length, copy);
        crew.Run(4 * plan.Synapses.Length, cut);
        foreach (var v in plan.Vectors)
        {
            parameters[v.Parameter].CopyTo(new Span<float>(shared.Vectors + v.Value.Offset, v.Value.Length));
        }
    }

    public void Dispose() => memory.Dispose();

    /// <summary>Copies one matrix of a synapse, W or α, into padded rows.</summary>
    private void Copy(int worker, int task)
    {
        var s = plan.Synapses[task / 2];
        if (task % 2 == 0)
        {
            Copy(parameters[s.Weight], staged + s.MatrixOffset, s.Layout);
        }
        else if (s is PlasticPlan { Alpha.Parameter: { } alpha })
        {
            Copy(parameters[alpha], shared.Alphas + s.MatrixOffset, s.Layout);
        }
    }

    /// <summary>Cuts one matrix of a synapse, W or α, as it is or transposed, into panels.</summary>
    private void Cut(int worker, int task)
    {
        var s = plan.Synapses[task / 4];
        bool isWeight = task % 4 < 2, isTransposed = task % 2 == 1;
        if (!isWeight && s is not PlasticPlan)
        {
            return;
        }
        var from = (isWeight ? staged : shared.Alphas) + s.MatrixOffset;
        var to = isWeight ? shared.Weights(s, isTransposed) : shared.AlphasInPanels(s, isTransposed);
        if (isTransposed)
        {
            Panels.CutTransposed(from, s.Layout.Rows, s.Layout.Stride, to);
        }
        else
        {
            Panels.Cut(from, s.Layout.Rows, s.Layout.Stride, to);
        }
    }

    private static void Copy(float[] from, float* to, MatrixLayout layout)
    {
        int rows = layout.Inputs, columns = layout.Outputs;
        for (var i = 0; i < rows; i++)
        {
            var row = from.AsSpan(i * columns, columns);
            if (!layout.IsTransposed)
            {
                row.CopyTo(new Span<float>(to + layout.At(i, 0), columns));
                continue;
            }
            for (var j = 0; j < columns; j++)
            {
                to[layout.At(i, j)] = row[j];
            }
        }
    }

    /// <summary>Copies a matrix from the engine's layout into a row-major array [n, m].</summary>
    public static void Copy(float* from, float[] to, MatrixLayout layout)
    {
        int rows = layout.Inputs, columns = layout.Outputs;
        for (var i = 0; i < rows; i++)
        {
            var row = to.AsSpan(i * columns, columns);
            if (!layout.IsTransposed)
            {
                new ReadOnlySpan<float>(from + layout.At(i, 0), columns).CopyTo(row);
                continue;
            }
            for (var j = 0; j < columns; j++)
            {
                row[j] = from[layout.At(i, j)];
            }
        }
    }
}
