using System.Buffers.Binary;
using System.Text;

namespace Plastic.Host;

/// <summary>
/// A message in the wire format of Protocol Buffers: its fields one after the other, each a key (its number and how it is encoded), then
/// the value.
/// </summary>
internal sealed class ProtocolBuffer
{
    private const int Varint = 0, Eight = 1, Sized = 2, Four = 5;

    private readonly MemoryStream bytes = new();

    /// <summary>The message so far.</summary>
    public byte[] ToArray() => bytes.ToArray();

    /// <summary>A whole number of at least 0, or a truth value.</summary>
    public ProtocolBuffer Whole(int field, long value)
    {
        Key(field, Varint);
        Number((ulong)value);
        return this;
    }

    /// <summary>A number of 64 bits.</summary>
    public ProtocolBuffer Double(int field, double value)
    {
        Span<byte> eight = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(eight, value);
        Key(field, Eight);
        bytes.Write(eight);
        return this;
    }

    /// <summary>A number of 32 bits.</summary>
    public ProtocolBuffer Single(int field, float value)
    {
        Span<byte> four = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(four, value);
        Key(field, Four);
        bytes.Write(four);
        return this;
    }

    /// <summary>A text.</summary>
    public ProtocolBuffer Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    /// <summary>Another message.</summary>
    public ProtocolBuffer Message(int field, ProtocolBuffer message) => Bytes(field, message.ToArray());

    /// <summary>Bytes.</summary>
    public ProtocolBuffer Bytes(int field, ReadOnlySpan<byte> value)
    {
        Key(field, Sized);
        Number((ulong)value.Length);
        bytes.Write(value);
        return this;
    }

    private void Key(int field, int encoding) => Number((ulong)(field << 3 | encoding));

    /// <summary>Seven bits a byte, the lowest first; all but the last byte have the highest bit set.</summary>
    private void Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes.WriteByte((byte)(value | 0x80));
        bytes.WriteByte((byte)value);
    }
}
