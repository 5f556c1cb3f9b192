using Operation = Plastic.Core.Operation<Plastic.Engine.Place, int>;

namespace Plastic.Engine;

/// <summary>An operation on vectors with its kernel, looked up once.</summary>
internal readonly unsafe struct VectorCall<V> where V : struct, ILanes<V>
{
    private readonly delegate*<float*, float*, float*, int, void> kernel;
    private readonly int length;
    private readonly Place a, b, target;
    private readonly Place[] operands;
    private readonly bool isSeamless;

    public VectorCall(VectorOperation operation)
    {
        kernel = VectorKernels<V>.Of(operation);
        length = VectorKernels<V>.Length(operation);
        (target, operands) = (operation.Target, operation.Operation.Operands);
        (a, b) = (operands[0], operands.Length > 1 ? operands[1] : default);
        if (operation.Operation is Operation.Slice slice)
        {
            // A slice is a copy from further on.
            a = a with { Offset = a.Offset + slice.start };
        }
        // Where no vector is padded, those of all samples are one long vector.
        isSeamless = operation.Operation switch
        {
            Operation.Map => IsWhole(target) && IsWhole(a),
            Operation.Zip => IsWhole(target) && IsWhole(a) && IsWhole(b) && a.Length == target.Length && b.Length == target.Length,
            _ => false,
        };
    }

    /// <summary>Computes the vectors of all samples at the step in force.</summary>
    public void Execute(in GroupContext run)
    {
        if (kernel == null)
        {
            Concatenate(run);
        }
        else if (isSeamless)
        {
            kernel(run.At(target, 0), run.At(a, 0), run.At(b, 0), length * run.Count);
        }
        else
        {
            for (var g = 0; g < run.Count; g++)
            {
                kernel(run.At(target, g), run.At(a, g), run.At(b, g), length);
            }
        }
    }

    private void Concatenate(in GroupContext run)
    {
        for (var g = 0; g < run.Count; g++)
        {
            var to = run.At(target, g);
            foreach (var piece in operands)
            {
                Elementwise<V>.CopyExactly(to, run.At(piece, g), piece.Length);
                to += piece.Length;
            }
            var end = run.At(target, g) + Lanes.Padded(target.Length);
            for (; to < end; to++)
            {
                *to = 0;
            }
        }
    }

    private static bool IsWhole(Place place) => place.Stride == place.Length;
}
