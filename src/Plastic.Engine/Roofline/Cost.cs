namespace Plastic.Engine;

/// <summary>Arithmetic and traffic of a part of a training step.</summary>
/// <param name="Flops">Additions and multiplications; a fused multiply-add counts as two.</param>
/// <param name="Bytes">Bytes of float32 read and written.</param>
public readonly record struct Cost(double Flops, double Bytes)
{
    /// <summary>The sum of two costs.</summary>
    public static Cost operator +(Cost a, Cost b) => new(a.Flops + b.Flops, a.Bytes + b.Bytes);

    /// <summary>A multiple of a cost.</summary>
    public static Cost operator *(double times, Cost a) => new(times * a.Flops, times * a.Bytes);
}
