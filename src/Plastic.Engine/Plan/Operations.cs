using Plastic.Core;

namespace Plastic.Engine;

/// <summary>An operation of the plan, with its result placed.</summary>
internal abstract record PlannedOperation(Place Target);

/// <summary>An operation on the vectors of each sample: any but a product with a synapse.</summary>
internal sealed record VectorOperation(Operation<Place, int> Operation, Place Target) : PlannedOperation(Target);

/// <summary>y = (W + F)ᵀx with a synapse's matrices as they are stored or, transposed, y = (W + F)x.</summary>
/// <param name="Synapse">The synapse's number.</param>
/// <param name="IsTransposed">Whether the matrices are transposed.</param>
/// <param name="Operand">x.</param>
/// <param name="Target">y.</param>
/// <param name="Saved">The number of the saved products with the chunk's pairs, if they are read again.</param>
internal sealed record SynapseProduct(int Synapse, bool IsTransposed, Place Operand, Place Target, int? Saved)
    : PlannedOperation(Target);
