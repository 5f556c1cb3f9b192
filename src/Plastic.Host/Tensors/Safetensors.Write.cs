using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Plastic.Host;

/// <content>Writing.</content>
internal static partial class Safetensors
{
    /// <summary>Writes a file atomically; for <paramref name="before"/> see <see cref="AtomicFile"/>.</summary>
    /// <exception cref="ArgumentException">A name repeats, or a shape does not fit its data.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string file, IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null, Action? before = null) =>
        AtomicFile.Write(file, Content(tensors, metadata), before);

    /// <summary>Writes a file that nothing reads yet.</summary>
    /// <exception cref="ArgumentException">A name repeats, or a shape does not fit its data.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteNew(string file, IEnumerable<NamedTensor> tensors) =>
        AtomicFile.WriteThrough(file, Content(tensors, null));

    /// <summary>The SHA-256 of the data that follows the header in a file of these tensors, in hexadecimal.</summary>
    public static string Hash(IEnumerable<NamedTensor> tensors)
    {
        using var sha = SHA256.Create();
        using var stream = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write);
        var buffer = new byte[BufferBytes];
        foreach (var tensor in Ordered(tensors)) NumberType.Write(stream, tensor.Data, buffer);
        stream.FlushFinalBlock();
        return Convert.ToHexStringLower(sha.Hash!);
    }

    // Putting the wider type first keeps every array aligned.
    private static NamedTensor[] Ordered(IEnumerable<NamedTensor> tensors) =>
        [.. tensors.OrderByDescending(tensor => WidthOf(tensor))];

    private static Action<Stream> Content(IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var ordered = Ordered(tensors);
        var header = Header(ordered, metadata);
        return stream =>
        {
            Span<byte> length = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            var buffer = new byte[BufferBytes];
            foreach (var tensor in ordered) NumberType.Write(stream, tensor.Data, buffer);
        };
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
                if (NamedTensor.Count(tensor.Shape) != tensor.Data.Length)
                {
                    throw new ArgumentException(
                        $"{tensor.Name}: {tensor.Data.Length} numbers do not fill its shape", nameof(tensors));
                }
                var end = position + tensor.Data.Length * (long)WidthOf(tensor);
                json.WritePropertyName(tensor.Name);
                JsonSerializer.Serialize(json, new HeaderEntry(TypeOf(tensor), [.. tensor.Shape], [position, end]), JsonText.Lines);
                position = end;
            }
            json.WriteEndObject();
        }
        while (buffer.Length % LengthBytes != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static int WidthOf(NamedTensor tensor) => Types[TypeOf(tensor)].Width;

    private static string TypeOf(NamedTensor tensor) => tensor.Data switch
    {
        float[] => F32,
        double[] => F64,
        long[] => I64,
        _ => throw new ArgumentException($"{tensor.Name}: {tensor.Data.GetType().Name} cannot be written", nameof(tensor)),
    };
}
