using System.Buffers.Binary;

namespace Plastic.Host;

/// <content>Reading what is not trusted.</content>
internal static partial class Safetensors
{
    private const int LargestHeader = 1_000_000;
    private const int MostTensors = 10_000;

    /// <summary>Reads a file, every byte of it accounted for; the tensors in the order of their data.</summary>
    /// <exception cref="PlasticException">The file is missing, unreadable, or not in this format.</exception>
    public static TensorFile Read(string file) => JsonReading.Open(file, stream =>
    {
        PlasticException Fault(string what) => new(ExitCode.BadData, $"{file}: no valid safetensors file: {what}");

        Span<byte> prefix = stackalloc byte[LengthBytes];
        if (stream.ReadAtLeast(prefix, LengthBytes, throwOnEndOfStream: false) < LengthBytes) throw Fault("cut short");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LargestHeader) throw Fault($"a header of {length} bytes; at most {LargestHeader} are read");
        if ((long)length > stream.Length - LengthBytes) throw Fault("cut short within the header");
        var header = new byte[length];
        stream.ReadExactly(header);
        if (length == 0 || header[0] != (byte)'{') throw Fault("the header is no JSON object");
        return JsonReading.Parse(file, header, root => Read(root, stream));
    });

    private static TensorFile Read(JsonReading root, Stream stream)
    {
        var entries = root.Members().Where(member => member.Name != MetadataKey).ToArray();
        if (entries.Length > MostTensors) throw root.Fault($"{entries.Length} tensors; at most {MostTensors} are read");
        var metadata = root.Members()
            .Where(member => member.Name == MetadataKey)
            .SelectMany(member => member.Value.Members())
            .ToDictionary(member => member.Name, member => member.Value.Text());

        var places = entries
            .Select(entry => Place(entry.Name, entry.Value))
            .OrderBy(place => place.Begin)
            .ThenBy(place => place.End)
            .ToArray();
        // All of the header first: nothing is allocated for a file that is refused.
        var bytes = stream.Length - stream.Position;
        var position = 0L;
        foreach (var place in places)
        {
            if (place.Begin != position)
            {
                throw place.Entry.Fault($"data begins at {place.Begin}, not at {position}: a gap or an overlap");
            }
            if (place.End > bytes) throw place.Entry.Fault($"data ends at {place.End} of {bytes} bytes: cut short");
            position = place.End;
        }
        if (position != bytes) throw root.Fault($"{bytes - position} bytes after the last tensor");

        if (bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) throw root.Fault($"{bytes} bytes are more than this machine holds");
        var buffer = new byte[Math.Min(BufferBytes, bytes)];
        return new TensorFile([.. places.Select(place => Read(place, stream, buffer))], metadata);
    }

    private readonly record struct Placed(
        string Name, JsonReading Entry, string Type, int[] Shape, long Begin, long End);

    private static Placed Place(string name, JsonReading entry)
    {
        entry.Only("dtype", "shape", "data_offsets");
        var offsets = entry.Member("data_offsets").Longs();
        if (offsets.Length != 2 || offsets[0] > offsets[1]) throw entry.Fault("data_offsets are not [begin, end]");
        var type = entry.Member("dtype").Text();
        if (type is not (F32 or F64)) throw entry.Fault($"dtype {type} is not read; {F32} and {F64} are");
        var shape = entry.Member("shape").Wholes();
        if (Size(shape) is var size && (size > Array.MaxLength || size * Width(type) != offsets[1] - offsets[0]))
        {
            throw entry.Fault($"shape [{string.Join(", ", shape)}] of {type} does not fill {offsets[1] - offsets[0]} bytes");
        }
        return new Placed(name, entry, type, shape, offsets[0], offsets[1]);
    }

    private static NamedTensor Read(Placed place, Stream stream, byte[] buffer)
    {
        var width = Width(place.Type);
        var count = (int)((place.End - place.Begin) / width);
        Array data = place.Type == F32 ? new float[count] : new double[count];
        var most = Math.Max(1, buffer.Length / width);
        for (var start = 0; start < count; start += most)
        {
            var part = buffer.AsSpan(0, Math.Min(most, count - start) * width);
            stream.ReadExactly(part);
            if (data is float[] singles) Decode(part, singles, start);
            else Decode(part, (double[])data, start);
        }
        return new NamedTensor(place.Name, place.Shape, data);
    }
}
