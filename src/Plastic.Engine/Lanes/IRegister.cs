namespace Plastic.Engine;

/// <summary>
/// One vector register. Kernels that keep a tile of sums in registers, where no element meets another, are written for single registers: the
/// width then decides how many elements are in flight, and no bit of the result.
/// </summary>
internal interface IRegister<TSelf> : IVector<TSelf> where TSelf : struct, IRegister<TSelf>
{
    /// <summary>Floats in the register; <see cref="Lanes.Count"/> is a multiple of it.</summary>
    static abstract int Width { get; }

    /// <summary>Whether there are thirty-two registers, enough for sixteen sums and their operands; else there are sixteen.</summary>
    static abstract bool AreMany { get; }
}

/// <summary>A kernel that is written for single registers. <see cref="ILanes{V}.Run"/> runs it with those that the lanes are made of.</summary>
internal interface IRegisterKernel
{
    void Run<R>() where R : struct, IRegister<R>;
}
