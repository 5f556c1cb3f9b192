using Plastic.Core;

namespace Plastic.Engine;

/// <summary>An operation of the plan, with its result placed.</summary>
internal abstract record PlannedOperation(Place Target);

/// <summary>What is done with vectors.</summary>
internal enum Kind : byte
{
    Map,
    Zip,
    Sum,
    Dot,
    Broadcast,
    Slice,
    Concat,
}

/// <summary>An operation on the vectors of each sample.</summary>
internal sealed record VectorOperation(Kind Kind, Place Target, Place A, Place B) : PlannedOperation(Target)
{
    public Unary Unary { get; init; } = Unary.Neg;

    public Binary Binary { get; init; } = Binary.Add;

    /// <summary>First element of a slice.</summary>
    public int Start { get; init; }

    public Place[] Pieces { get; init; } = [];
}

/// <summary>y = (W + F)ᵀx with a synapse's matrices as they are stored or, transposed, y = (W + F)x.</summary>
/// <param name="Synapse">The synapse's number.</param>
/// <param name="IsTransposed">Whether the matrices are transposed.</param>
/// <param name="Operand">x.</param>
/// <param name="Target">y.</param>
/// <param name="Saved">The number of the saved products with the chunk's pairs, if they are read again.</param>
internal sealed record SynapseProduct(int Synapse, bool IsTransposed, Place Operand, Place Target, int? Saved)
    : PlannedOperation(Target);
