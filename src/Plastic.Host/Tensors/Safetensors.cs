using System.Buffers.Binary;

namespace Plastic.Host;

/// <summary>A named array, row-major.</summary>
/// <param name="Name">Any text except __metadata__.</param>
/// <param name="Shape">Lengths of the axes; empty for a scalar.</param>
/// <param name="Data">A float[] or double[] with as many numbers as the shape requires.</param>
internal sealed record NamedTensor(string Name, IReadOnlyList<int> Shape, Array Data);

/// <summary>The content of a safetensors file.</summary>
internal sealed record TensorFile(IReadOnlyList<NamedTensor> Tensors, IReadOnlyDictionary<string, string> Metadata);

/// <summary>
/// The safetensors format: 8 bytes, little-endian, the length N of the header; N bytes of JSON, {"name": {"dtype",
/// "shape", "data_offsets": [begin, end]}, …} and optionally "__metadata__": {text: text}, padded with spaces to a
/// multiple of 8; then the arrays, little-endian, without gaps, offsets counted from the end of the header. The types
/// F32 and F64 are supported. Files may be of any size: arrays are read and written through one small buffer.
/// </summary>
internal static partial class Safetensors
{
    private const int LengthBytes = 8;
    private const int BufferBytes = 1 << 16;
    private const string MetadataKey = "__metadata__";
    private const string F32 = "F32";
    private const string F64 = "F64";

    /// <summary>What a header says of a tensor.</summary>
    private sealed record HeaderEntry(string Dtype, int[] Shape, long[] DataOffsets);

    private static int Width(string type) => type == F64 ? sizeof(double) : sizeof(float);

    // Saturating: a header may claim more elements than fit in a number, and no array is that long.
    private static long Size(IReadOnlyList<int> shape) =>
        shape.Aggregate(1L, (size, length) => Math.Min(size * length, int.MaxValue));

    private static void Encode(float[] from, int start, Span<byte> to)
    {
        for (var i = 0; i < to.Length / sizeof(float); i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(to[(i * sizeof(float))..], from[start + i]);
        }
    }

    private static void Encode(double[] from, int start, Span<byte> to)
    {
        for (var i = 0; i < to.Length / sizeof(double); i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(to[(i * sizeof(double))..], from[start + i]);
        }
    }

    private static void Decode(ReadOnlySpan<byte> from, float[] to, int start)
    {
        for (var i = 0; i < from.Length / sizeof(float); i++)
        {
            to[start + i] = BinaryPrimitives.ReadSingleLittleEndian(from[(i * sizeof(float))..]);
        }
    }

    private static void Decode(ReadOnlySpan<byte> from, double[] to, int start)
    {
        for (var i = 0; i < from.Length / sizeof(double); i++)
        {
            to[start + i] = BinaryPrimitives.ReadDoubleLittleEndian(from[(i * sizeof(double))..]);
        }
    }
}
