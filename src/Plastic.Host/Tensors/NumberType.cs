using System.Buffers.Binary;

namespace Plastic.Host;

/// <summary>How a file stores one number.</summary>
internal enum NumberKind
{
    Float,
    Signed,
    Unsigned,
    Bool,
}

/// <summary>How a file stores the numbers of an array.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Width">The bytes of one.</param>
/// <param name="IsBigEndian">Whether the most significant byte comes first.</param>
internal readonly record struct NumberType(NumberKind Kind, int Width, bool IsBigEndian = false)
{
    /// <summary>Whether it holds whole numbers or truth values.</summary>
    public bool IsWhole => Kind != NumberKind.Float;

    /// <summary>Whether a float holds each of its numbers.</summary>
    private bool FitsSingle => Kind == NumberKind.Float ? Width <= sizeof(float) : Width <= sizeof(short);

    /// <summary>The bytes that one of its numbers takes in memory.</summary>
    public int MemoryWidth => FitsSingle ? sizeof(float) : sizeof(double);

    /// <summary>Whether it is one of the types that are read: f2, f4, f8, i1 to i8, u1 to u8 and bool.</summary>
    public bool IsKnown => (Kind, Width) is (NumberKind.Float, 2 or 4 or 8) or (NumberKind.Bool, 1)
        or (NumberKind.Signed or NumberKind.Unsigned, 1 or 2 or 4 or 8);

    /// <summary>An array for so many numbers: float[] where it holds each of them, else double[], which rounds beyond 2⁵³.</summary>
    public Array Allocate(int count) => FitsSingle ? new float[count] : new double[count];

    /// <summary>Reads as many numbers as an array of <see cref="Allocate"/> holds.</summary>
    /// <param name="stream">Their bytes.</param>
    /// <param name="to">The array.</param>
    /// <param name="buffer">At least 8 bytes, through which they are read.</param>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public void Read(Stream stream, Array to, byte[] buffer)
    {
        var most = buffer.Length / Width;
        for (var start = 0; start < to.Length; start += most)
        {
            var part = buffer.AsSpan(0, Math.Min(most, to.Length - start) * Width);
            stream.ReadExactly(part);
            Decode(part, to, start);
        }
    }

    /// <summary>Writes all numbers of an array in its own type, little-endian.</summary>
    /// <param name="stream">Takes their bytes.</param>
    /// <param name="from">A float[], double[] or long[].</param>
    /// <param name="buffer">At least 8 bytes, through which they are written.</param>
    public static void Write(Stream stream, Array from, byte[] buffer)
    {
        var width = from is float[]? sizeof(float) : sizeof(double);
        var most = buffer.Length / width;
        for (var start = 0; start < from.Length; start += most)
        {
            var part = buffer.AsSpan(0, Math.Min(most, from.Length - start) * width);
            for (int at = 0, k = start; at < part.Length; at += width, k++)
            {
                if (from is float[] singles) BinaryPrimitives.WriteSingleLittleEndian(part[at..], singles[k]);
                else if (from is double[] doubles) BinaryPrimitives.WriteDoubleLittleEndian(part[at..], doubles[k]);
                else BinaryPrimitives.WriteInt64LittleEndian(part[at..], ((long[])from)[k]);
            }
            stream.Write(part);
        }
    }

    /// <summary>Reads numbers into an array of <see cref="Allocate"/>.</summary>
    /// <param name="from">Their bytes.</param>
    /// <param name="to">The array.</param>
    /// <param name="start">The index of the first.</param>
    public void Decode(ReadOnlySpan<byte> from, Array to, int start)
    {
        var count = from.Length / Width;
        if (to is float[] singles)
        {
            var isPlain = this is { Kind: NumberKind.Float, Width: sizeof(float), IsBigEndian: false };
            for (var i = 0; i < count; i++)
            {
                var one = from[(i * Width)..];
                singles[start + i] = isPlain ? BinaryPrimitives.ReadSingleLittleEndian(one) : (float)At(one);
            }
            return;
        }
        var doubles = (double[])to;
        for (var i = 0; i < count; i++) doubles[start + i] = At(from[(i * Width)..]);
    }

    private double At(ReadOnlySpan<byte> b) => (Kind, Width, IsBigEndian) switch
    {
        (NumberKind.Float, 2, false) => (double)BinaryPrimitives.ReadHalfLittleEndian(b),
        (NumberKind.Float, 2, true) => (double)BinaryPrimitives.ReadHalfBigEndian(b),
        (NumberKind.Float, 4, false) => BinaryPrimitives.ReadSingleLittleEndian(b),
        (NumberKind.Float, 4, true) => BinaryPrimitives.ReadSingleBigEndian(b),
        (NumberKind.Float, 8, false) => BinaryPrimitives.ReadDoubleLittleEndian(b),
        (NumberKind.Float, 8, true) => BinaryPrimitives.ReadDoubleBigEndian(b),
        (NumberKind.Signed, 1, _) => (sbyte)b[0],
        (NumberKind.Signed, 2, false) => BinaryPrimitives.ReadInt16LittleEndian(b),
        (NumberKind.Signed, 2, true) => BinaryPrimitives.ReadInt16BigEndian(b),
        (NumberKind.Signed, 4, false) => BinaryPrimitives.ReadInt32LittleEndian(b),
        (NumberKind.Signed, 4, true) => BinaryPrimitives.ReadInt32BigEndian(b),
        (NumberKind.Signed, 8, false) => BinaryPrimitives.ReadInt64LittleEndian(b),
        (NumberKind.Signed, 8, true) => BinaryPrimitives.ReadInt64BigEndian(b),
        (NumberKind.Unsigned, 1, _) => b[0],
        (NumberKind.Unsigned, 2, false) => BinaryPrimitives.ReadUInt16LittleEndian(b),
        (NumberKind.Unsigned, 2, true) => BinaryPrimitives.ReadUInt16BigEndian(b),
        (NumberKind.Unsigned, 4, false) => BinaryPrimitives.ReadUInt32LittleEndian(b),
        (NumberKind.Unsigned, 4, true) => BinaryPrimitives.ReadUInt32BigEndian(b),
        (NumberKind.Unsigned, 8, false) => BinaryPrimitives.ReadUInt64LittleEndian(b),
        (NumberKind.Unsigned, 8, true) => BinaryPrimitives.ReadUInt64BigEndian(b),
        (NumberKind.Bool, _, _) => b[0] == 0 ? 0 : 1,
        _ => throw new NotSupportedException($"{Kind} of {Width} bytes"),
    };
}
