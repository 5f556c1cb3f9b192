using System.Numerics;

namespace Plastic.Engine;

/// <summary>
/// Floats that are processed at once. Every operation is either exact, or rounded once to nearest-even as IEEE 754 says; nothing is
/// approximated and nothing is contracted. Only the payload of a NaN is unspecified.
/// </summary>
internal unsafe interface IVector<TSelf> :
    IAdditionOperators<TSelf, TSelf, TSelf>,
    ISubtractionOperators<TSelf, TSelf, TSelf>,
    IMultiplyOperators<TSelf, TSelf, TSelf>
    where TSelf : struct, IVector<TSelf>
{
    /// <summary>Zeros.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>Reads as many floats as there are; no alignment is needed.</summary>
    static abstract TSelf Load(float* from);

    /// <summary>Writes as many floats as there are; no alignment is needed.</summary>
    void Store(float* to);

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Splat(float value);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TSelf Fma(TSelf a, TSelf b, TSelf c);

    /// <summary>|a|: the sign bit cleared.</summary>
    static abstract TSelf Abs(TSelf a);

    /// <summary>a &lt; b ? c : d in each lane; a comparison with NaN is false.</summary>
    static abstract TSelf SelectLess(TSelf a, TSelf b, TSelf c, TSelf d);

    /// <summary>a &lt; b ? b : a: a NaN in a survives, one in b is ignored; of two zeros, a.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>b &lt; a ? b : a: a NaN in a survives, one in b is ignored; of two zeros, a.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);
}
