using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The parameters as kernels read them: matrices in padded rows, vectors and constants beside them.</summary>
internal sealed unsafe class ParameterMemory : IDisposable
{
    private readonly Plan plan;
    private readonly AlignedBuffer memory;
    private readonly SharedMemory shared;
    private readonly float* staged;
    private readonly Action<int, int> cut;

    public ParameterMemory(Plan plan)
    {
        this.plan = plan;
        memory = new AlignedBuffer(Floats(plan));
        var at = memory.Pointer;
        float* Take(int floats)
        {
            var start = at;
            at += floats;
            return start;
        }
        shared = new SharedMemory
        {
            Alphas = Take(plan.MatrixSize),
            WeightPanels = Take(plan.MatrixSize),
            AlphaPanels = Take(plan.MatrixSize),
            TurnedWeightPanels = Take(plan.TurnedSize),
            TurnedAlphaPanels = Take(plan.TurnedSize),
            Vectors = Take(plan.SharedSize),
        };
        staged = Take(plan.MatrixSize);
        cut = Cut;
        foreach (var (value, place) in plan.Constants)
        {
            new Span<float>(shared.Vectors + place.Offset, place.Length).Fill((float)value);
        }
        foreach (var s in plan.Synapses)
        {
            if (s.IsPlastic && s.Source.Alpha is null)
            {
                var ones = new float[s.Source.Matrix.Rows * s.Source.Matrix.Columns];
                Array.Fill(ones, 1);
                Copy(ones, shared.Alphas + s.MatrixOffset, s);
            }
        }
    }

    public SharedMemory Shared => shared;

    /// <summary>Floats in all.</summary>
    public static long Floats(Plan plan) => 4L * plan.MatrixSize + 2L * plan.TurnedSize + plan.SharedSize;

    /// <summary>Bytes taken.</summary>
    public long Taken => memory.Taken;

    /// <summary>Copies the parameters in.</summary>
    /// <exception cref="ShapeException">A parameter is not of its size.</exception>
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
        foreach (var s in plan.Synapses)
        {
            Copy(parameters[s.Source.Weight], staged + s.MatrixOffset, s);
            if (s.Source.Alpha is { } alpha)
            {
                Copy(parameters[alpha], shared.Alphas + s.MatrixOffset, s);
            }
        }
        crew.Run(4 * plan.Synapses.Length, cut);
        foreach (var v in plan.Vectors)
        {
            parameters[v.Parameter].CopyTo(new Span<float>(shared.Vectors + v.Value.Offset, v.Value.Length));
        }
    }

    public void Dispose() => memory.Dispose();

    /// <summary>Cuts one matrix of a synapse, W or α, as it is or turned, into panels.</summary>
    private void Cut(int worker, int task)
    {
        var s = plan.Synapses[task / 4];
        var isWeight = task % 4 < 2;
        if (!isWeight && !s.IsPlastic)
        {
            return;
        }
        var from = (isWeight ? staged : shared.Alphas) + s.MatrixOffset;
        if (task % 2 == 0)
        {
            Panels.Cut(from, s.Rows, s.Stride, (isWeight ? shared.WeightPanels : shared.AlphaPanels) + s.MatrixOffset);
        }
        else
        {
            var to = isWeight ? shared.TurnedWeightPanels : shared.TurnedAlphaPanels;
            Panels.CutTurned(from, s.Rows, s.Stride, to + s.TurnedOffset);
        }
    }

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
