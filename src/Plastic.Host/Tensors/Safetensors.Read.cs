using System.Buffers.Binary;
using System.Text.Json;

namespace Plastic.Host;

/// <content>Reading of untrusted files.</content>
internal static partial class Safetensors
{
    private const int LargestHeader = 1_000_000;
    private const int MostTensors = 10_000;

    /// <summary>Reads a file and accounts for every byte of it; returns the tensors in the order of their data.</summary>
    /// <exception cref="PlasticException">The file is missing, unreadable, or not in this format.</exception>
    public static TensorFile Read(string file) => InputFile.Open(file, stream =>
    {
        PlasticException Fault(string what) => new(ExitCode.BadData, $"{file}: not a valid safetensors file: {what}");

        Span<byte> prefix = stackalloc byte[LengthBytes];
        if (stream.ReadAtLeast(prefix, LengthBytes, throwOnEndOfStream: false) < LengthBytes) throw Fault("cut short");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LargestHeader) throw Fault($"a header of {length} bytes; at most {LargestHeader} are read");
        if ((long)length > stream.Length - LengthBytes) throw Fault("cut short within the header");
        var header = new byte[length];
        stream.ReadExactly(header);
        if (length == 0 || header[0] != (byte)'{') throw Fault("the header is not a JSON object");
        return Read(file, JsonFile.Parse<Dictionary<string, JsonElement>>(file, header), stream);
    });

    private static TensorFile Read(string file, Dictionary<string, JsonElement> header, Stream stream)
    {
        var metadata = header.Remove(MetadataKey, out var texts)
            ? JsonFile.Member<Dictionary<string, string>>(file, MetadataKey, texts)
            : [];
        if (header.Count > MostTensors) throw JsonFile.Fault(file, "", $"{header.Count} tensors; at most {MostTensors} are read");
        var places = header
            .Select(entry => Place(file, entry.Key, JsonFile.Member<HeaderEntry>(file, entry.Key, entry.Value)))
            .OrderBy(place => place.Begin)
            .ThenBy(place => place.End)
            .ToArray();
        // The whole header is checked first: nothing is allocated for a refused file.
        var bytes = stream.Length - stream.Position;
        var position = 0L;
        foreach (var place in places)
        {
            if (place.Begin != position)
            {
                throw JsonFile.Fault(file, place.Name, $"data begins at {place.Begin} instead of {position}: a gap or an overlap");
            }
            if (place.End > bytes) throw JsonFile.Fault(file, place.Name, $"data ends at {place.End} of {bytes} bytes: cut short");
            position = place.End;
        }
        if (position != bytes) throw JsonFile.Fault(file, "", $"{bytes - position} bytes after the last tensor");

        var needed = places.Sum(place => (long)place.Count * place.Type.MemoryWidth);
        if (Memory.Lack(needed, Memory.Available) is { } lack) throw JsonFile.Fault(file, "", lack);
        var buffer = new byte[Math.Min(BufferBytes, bytes)];
        return new TensorFile([.. places.Select(place => Read(place, stream, buffer))], metadata);
    }

    private readonly record struct Placed(string Name, NumberType Type, int[] Shape, long Begin, long End)
    {
        public int Count => (int)((End - Begin) / Type.Width);
    }

    private static Placed Place(string file, string name, HeaderEntry entry)
    {
        if (entry.DataOffsets is not [var begin, var end] || begin > end)
        {
            throw JsonFile.Fault(file, name, "data_offsets are not [begin, end]");
        }
        if (!Types.TryGetValue(entry.Dtype, out var type))
        {
            throw JsonFile.Fault(file, name, $"dtype {entry.Dtype} is not supported; {string.Join(", ", Types.Keys)} are");
        }
        if (NamedTensor.Count(entry.Shape) is var size && (size > Array.MaxLength || size * type.Width != end - begin))
        {
            throw JsonFile.Fault(
                file, name, $"shape [{string.Join(", ", entry.Shape)}] of {entry.Dtype} does not fill {end - begin} bytes");
        }
        return new Placed(name, type, entry.Shape, begin, end);
    }

    private static NamedTensor Read(Placed place, Stream stream, byte[] buffer)
    {
        var data = place.Type.Allocate(place.Count);
        place.Type.Read(stream, data, buffer);
        return new NamedTensor(place.Name, place.Shape, data) { IsWhole = place.Type.IsWhole };
    }
}
