namespace Plastic.Host;

/// <summary>A named array, row-major.</summary>
/// <param name="Name">Any text except __metadata__.</param>
/// <param name="Shape">Lengths of the axes; empty for a scalar.</param>
/// <param name="Data">A float[] or double[] with as many numbers as the shape requires; to be written, also a long[].</param>
internal sealed record NamedTensor(string Name, IReadOnlyList<int> Shape, Array Data)
{
    /// <summary>Whether its file stores whole numbers or truth values.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The numbers of a shape. Saturating: a file may claim more than fit in a number, and no array is that long.</summary>
    public static long Count(IReadOnlyList<int> shape) =>
        shape.Aggregate(1L, (count, length) => Math.Min(count * length, int.MaxValue));
}

/// <summary>The content of a safetensors file.</summary>
internal sealed record TensorFile(IReadOnlyList<NamedTensor> Tensors, IReadOnlyDictionary<string, string> Metadata);

/// <summary>
/// The safetensors format: 8 bytes, little-endian, the length N of the header; N bytes of JSON, {"name": {"dtype",
/// "shape", "data_offsets": [begin, end]}, …} and optionally "__metadata__": {text: text}, padded with spaces to a
/// multiple of 8; then the arrays, little-endian, without gaps, offsets counted from the end of the header. F32, F64
/// and I64 are written; F16, other whole numbers and BOOL are read too. Files may be of any size: arrays are read and written through one small buffer.
/// </summary>
internal static partial class Safetensors
{
    private const int LengthBytes = 8;
    private const int BufferBytes = 1 << 16;
    private const string MetadataKey = "__metadata__";
    private const string F32 = "F32";
    private const string F64 = "F64";
    private const string I64 = "I64";

    private static readonly Dictionary<string, NumberType> Types = new()
    {
        ["F16"] = new(NumberKind.Float, 2),
        [F32] = new(NumberKind.Float, 4),
        [F64] = new(NumberKind.Float, 8),
        ["I8"] = new(NumberKind.Signed, 1),
        ["I16"] = new(NumberKind.Signed, 2),
        ["I32"] = new(NumberKind.Signed, 4),
        [I64] = new(NumberKind.Signed, 8),
        ["U8"] = new(NumberKind.Unsigned, 1),
        ["U16"] = new(NumberKind.Unsigned, 2),
        ["U32"] = new(NumberKind.Unsigned, 4),
        ["U64"] = new(NumberKind.Unsigned, 8),
        ["BOOL"] = new(NumberKind.Bool, 1),
    };

    /// <summary>What a header says of a tensor.</summary>
    private sealed record HeaderEntry(string Dtype, int[] Shape, long[] DataOffsets);
}
