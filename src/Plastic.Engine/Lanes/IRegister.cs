using System.Numerics;

namespace Plastic.Engine;

/// <summary>
/// One vector register. Kernels that keep a tile of sums in registers, where no element meets another, are written for single registers: the
/// width then decides how many elements are in flight, and no bit of the result.
/// </summary>
internal unsafe interface IRegister<TSelf> :
    IAdditionOperators<TSelf, TSelf, TSelf>,
    IMultiplyOperators<TSelf, TSelf, TSelf>
    where TSelf : struct, IRegister<TSelf>
{
    /// <summary>Floats in the register; <see cref="Lanes.Count"/> is a multiple of it.</summary>
    static abstract int Width { get; }

    /// <summary>Whether there are thirty-two registers, enough for sixteen sums and their operands; else there are sixteen.</summary>
    static abstract bool AreMany { get; }

    /// <summary>Zeros.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>Reads one register's floats; no alignment is needed.</summary>
    static abstract TSelf Load(float* from);

    /// <summary>Writes one register's floats; no alignment is needed.</summary>
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

/// <summary>A kernel that is written for single registers. <see cref="ILanes{V}.Run"/> runs it with those that the lanes are made of.</summary>
internal interface IRegisterKernel
{
    void Run<R>() where R : struct, IRegister<R>;
}
