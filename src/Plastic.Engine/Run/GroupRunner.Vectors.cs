namespace Plastic.Engine;

/// <content>Operations on the vectors of a group's samples.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    /// <summary>An operation of the plan with its kernel, looked up once.</summary>
    private readonly struct Call(Operation operation)
    {
        public readonly Operation Operation = operation;
        public readonly delegate*<float*, float*, float*, int, void> Kernel = VectorKernels<V>.Of(operation);
        public readonly int Length = VectorKernels<V>.Length(operation);

        /// <summary>Slices are copies from further on.</summary>
        public readonly Place A = operation.A with { Offset = operation.A.Offset + operation.Start };
        public readonly Place B = operation.B;
        public readonly Place Target = operation.Target;
        public readonly bool IsVector = operation.Synapse < 0;

        /// <summary>Whether the samples' vectors follow each other without padding, so that they are one long vector.</summary>
        public readonly bool IsSeamless = operation.Kind switch
        {
            Kind.Map => IsWhole(operation.Target) && IsWhole(operation.A),
            Kind.Zip => IsWhole(operation.Target) && IsWhole(operation.A) && IsWhole(operation.B)
                && operation.A.Length == operation.Target.Length && operation.B.Length == operation.Target.Length,
            _ => false,
        };

        private static bool IsWhole(Place place) => place.Stride == place.Length;
    }

    private void ExecuteVector(in Call call)
    {
        if (call.Kernel == null)
        {
            ExecuteConcat(call.Operation);
            return;
        }
        if (call.IsSeamless)
        {
            call.Kernel(At(call.Target, 0), At(call.A, 0), At(call.B, 0), call.Length * count);
            return;
        }
        for (var g = 0; g < count; g++)
        {
            call.Kernel(At(call.Target, g), At(call.A, g), At(call.B, g), call.Length);
        }
    }

    private void ExecuteConcat(Operation o)
    {
        for (var g = 0; g < count; g++)
        {
            var to = At(o.Target, g);
            foreach (var piece in o.Pieces)
            {
                Elementwise<V>.CopyExactly(to, At(piece, g), piece.Length);
                to += piece.Length;
            }
            var end = At(o.Target, g) + Plan.Padded(o.Target.Length);
            for (; to < end; to++)
            {
                *to = 0;
            }
        }
    }
}
