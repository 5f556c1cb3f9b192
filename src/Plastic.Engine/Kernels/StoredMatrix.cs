using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>A matrix that belongs to one sample, as products read it.</summary>
internal interface IStoredMatrix
{
    /// <summary>As many elements as the vector has, <paramref name="at"/> floats from the matrix's start.</summary>
    TVector Load<TVector>(long at) where TVector : struct, IVector<TVector>;
}

/// <summary>F, stored as it is.</summary>
internal readonly unsafe struct StoredMatrix(float* matrix) : IStoredMatrix
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Load<TVector>(long at) where TVector : struct, IVector<TVector> => TVector.Load(matrix + at);
}

/// <summary>F = α∘H, of which α and H are stored.</summary>
internal readonly unsafe struct StoredTrace(float* alpha, float* trace) : IStoredMatrix
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Load<TVector>(long at) where TVector : struct, IVector<TVector> => TVector.Load(alpha + at) * TVector.Load(trace + at);
}
