using System.Buffers.Binary;
using System.Text.Json;

namespace Plastic.Host;

/// <summary>A named array, row-major.</summary>
/// <param name="Name">Any text but __metadata__.</param>
/// <param name="Shape">Lengths of the axes; empty for a scalar.</param>
/// <param name="Data">A float[] or a double[] of as many numbers as the shape says.</param>
internal sealed record NamedTensor(string Name, IReadOnlyList<int> Shape, Array Data);

/// <summary>What a safetensors file holds.</summary>
internal sealed record TensorFile(IReadOnlyList<NamedTensor> Tensors, IReadOnlyDictionary<string, string> Metadata);

/// <summary>
/// The safetensors format: 8 bytes, little-endian, the length N of the header; N bytes of JSON, {"name": {"dtype",
/// "shape", "data_offsets": [begin, end]}, …} and optionally "__metadata__": {text: text}, padded with spaces to a
/// multiple of 8; then the arrays, little-endian, without gaps, offsets counted from the end of the header. Of its
/// types F32 and F64.
/// </summary>
internal static class Safetensors
{
    private const int LengthBytes = 8;
    private const int LargestHeader = 1_000_000;
    private const int MostTensors = 10_000;
    private const string MetadataKey = "__metadata__";

    /// <summary>Writes a file, as a whole or not at all.</summary>
    /// <exception cref="ArgumentException">A name repeats, or a shape does not fit its data.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string file, IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(file, Content(tensors, metadata));

    /// <summary>Writes a file that nobody reads yet.</summary>
    /// <exception cref="ArgumentException">A name repeats, or a shape does not fit its data.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteNew(string file, IEnumerable<NamedTensor> tensors) =>
        AtomicFile.WriteThrough(file, Content(tensors, null));

    private static Action<Stream> Content(IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        // The wider type first keeps every array aligned to its type.
        var ordered = tensors.OrderByDescending(tensor => Width(TypeOf(tensor))).ToArray();
        var header = Header(ordered, metadata);
        return stream =>
        {
            Span<byte> length = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in ordered) stream.Write(Encode(tensor.Data));
        };
    }

    /// <summary>Reads a file, every byte of it accounted for; the tensors in the order of their data.</summary>
    /// <exception cref="PlasticException">The file is missing, unreadable, or not in this format.</exception>
    public static TensorFile Read(string file)
    {
        var bytes = JsonReading.Bytes(file);
        PlasticException Fault(string what) => new(ExitCode.BadData, $"{file}: no valid safetensors file: {what}");

        if (bytes.Length < LengthBytes) throw Fault("cut short");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (length > LargestHeader) throw Fault($"a header of {length} bytes; at most {LargestHeader} are read");
        var start = LengthBytes + (int)length;
        if (start > bytes.Length) throw Fault("cut short within the header");
        var header = bytes.AsMemory(LengthBytes, (int)length);
        if (length == 0 || header.Span[0] != (byte)'{') throw Fault("the header is no JSON object");
        return JsonReading.Parse(file, header, root => Read(root, bytes.AsSpan(start)));
    }

    private static TensorFile Read(JsonReading root, ReadOnlySpan<byte> data)
    {
        var entries = root.Members().Where(member => member.Name != MetadataKey).ToArray();
        if (entries.Length > MostTensors) throw root.Fault($"{entries.Length} tensors; at most {MostTensors} are read");

        var placed = entries
            .Select(entry => (entry.Name, entry.Value, Range: Range(entry.Value)))
            .OrderBy(entry => entry.Range.Begin)
            .ThenBy(entry => entry.Range.End);
        var tensors = new List<NamedTensor>();
        var position = 0;
        foreach (var (name, value, (begin, end)) in placed)
        {
            value.Only("dtype", "shape", "data_offsets");
            if (begin != position) throw value.Fault($"data begins at {begin}, not at {position}: a gap or an overlap");
            if (end > data.Length) throw value.Fault($"data ends at {end} of {data.Length} bytes: cut short");
            var type = value.Member("dtype").Text();
            if (type is not (F32 or F64)) throw value.Fault($"dtype {type} is not read; {F32} and {F64} are");
            var shape = value.Member("shape").Wholes();
            if (Size(shape) * Width(type) != end - begin)
            {
                throw value.Fault($"shape [{string.Join(", ", shape)}] of {type} does not fill {end - begin} bytes");
            }
            tensors.Add(new NamedTensor(name, shape, Decode(type, data[begin..end])));
            position = end;
        }
        if (position != data.Length) throw root.Fault($"{data.Length - position} bytes after the last tensor");

        var metadata = root.Members()
            .Where(member => member.Name == MetadataKey)
            .SelectMany(member => member.Value.Members())
            .ToDictionary(member => member.Name, member => member.Value.Text());
        return new TensorFile(tensors, metadata);
    }

    private static (int Begin, int End) Range(JsonReading entry)
    {
        var offsets = entry.Member("data_offsets").Wholes();
        return offsets.Length == 2 && offsets[0] <= offsets[1]
            ? (offsets[0], offsets[1])
            : throw entry.Fault("data_offsets are not [begin, end]");
    }

    private static byte[] Header(NamedTensor[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, text);
                }
                json.WriteEndObject();
            }
            var names = new HashSet<string> { MetadataKey };
            long position = 0;
            foreach (var tensor in tensors)
            {
                if (!names.Add(tensor.Name)) throw new ArgumentException($"two tensors named {tensor.Name}", nameof(tensors));
                if (Size(tensor.Shape) != tensor.Data.Length)
                {
                    throw new ArgumentException(
                        $"{tensor.Name}: {tensor.Data.Length} numbers do not fill its shape", nameof(tensors));
                }
                var end = position + tensor.Data.Length * (long)Width(TypeOf(tensor));
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", TypeOf(tensor));
                WriteArray(json, "shape", tensor.Shape.Select(length => (long)length));
                WriteArray(json, "data_offsets", [position, end]);
                json.WriteEndObject();
                position = end;
            }
            json.WriteEndObject();
        }
        while (buffer.Length % LengthBytes != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    private const string F32 = "F32";
    private const string F64 = "F64";

    private static string TypeOf(NamedTensor tensor) => tensor.Data switch
    {
        float[] => F32,
        double[] => F64,
        _ => throw new ArgumentException($"{tensor.Name}: {tensor.Data.GetType().Name} cannot be written", nameof(tensor)),
    };

    private static int Width(string type) => type == F64 ? sizeof(double) : sizeof(float);

    // Saturating: a header may ask for more than any number holds, and no file holds that much.
    private static long Size(IReadOnlyList<int> shape) =>
        shape.Aggregate(1L, (size, length) => Math.Min(size * length, int.MaxValue));

    private static byte[] Encode(Array data)
    {
        if (data is float[] singles)
        {
            var bytes = new byte[singles.Length * sizeof(float)];
            for (var i = 0; i < singles.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), singles[i]);
            }
            return bytes;
        }
        var doubles = (double[])data;
        var wide = new byte[doubles.Length * sizeof(double)];
        for (var i = 0; i < doubles.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(wide.AsSpan(i * sizeof(double)), doubles[i]);
        }
        return wide;
    }

    private static Array Decode(string type, ReadOnlySpan<byte> bytes)
    {
        if (type == F32)
        {
            var singles = new float[bytes.Length / sizeof(float)];
            for (var i = 0; i < singles.Length; i++)
            {
                singles[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
            }
            return singles;
        }
        var doubles = new double[bytes.Length / sizeof(double)];
        for (var i = 0; i < doubles.Length; i++)
        {
            doubles[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
        }
        return doubles;
    }
}
