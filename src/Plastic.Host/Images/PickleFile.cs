using System.Buffers.Binary;
using System.Text;

namespace Plastic.Host;

/// <summary>The file of a pickle, read from its start to its end, and in places.</summary>
internal sealed class PickleFile(Stream stream)
{
    private readonly BufferedStream buffered = new(stream, 1 << 16);
    private readonly byte[] few = new byte[8];

    /// <summary>Where the next byte is.</summary>
    public long Position => buffered.Position;

    /// <exception cref="FormatException">The file is at its end.</exception>
    public byte Byte() => buffered.ReadByte() is >= 0 and var value ? (byte)value : throw Short();

    /// <summary>At most 8 bytes, which the next call replaces.</summary>
    /// <exception cref="FormatException">There are fewer.</exception>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        var into = few.AsSpan(0, count);
        return buffered.ReadAtLeast(into, count, throwOnEndOfStream: false) == count ? into : throw Short();
    }

    /// <summary>A length in so many bytes.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public long Length(int bytes)
    {
        var read = Bytes(bytes);
        return bytes switch
        {
            1 => read[0],
            4 => BinaryPrimitives.ReadUInt32LittleEndian(read),
            _ => BinaryPrimitives.ReadInt64LittleEndian(read) is >= 0 and var length ? length : throw Short(),
        };
    }

    /// <exception cref="FormatException">The file has fewer bytes left.</exception>
    public void RequireLeft(long count)
    {
        if (count > buffered.Length - buffered.Position) throw Short();
    }

    /// <summary>Bytes that stay where they are.</summary>
    /// <exception cref="FormatException">The file has fewer bytes left.</exception>
    public PickleBytes Skip(long length, bool isUtf8)
    {
        RequireLeft(length);
        var start = buffered.Position;
        buffered.Seek(length, SeekOrigin.Current);
        return new PickleBytes(start, length, isUtf8);
    }

    /// <summary>The rest of a line.</summary>
    /// <exception cref="FormatException">It is too long.</exception>
    public string Line(int longest)
    {
        var text = new StringBuilder();
        for (var value = Byte(); value != '\n'; value = Byte())
        {
            if (text.Length == longest) throw new FormatException($"a name of more than {longest} letters");
            text.Append((char)value);
        }
        return text.ToString();
    }

    /// <summary>A short text; Python 2 has bytes for texts.</summary>
    /// <exception cref="FormatException">It is no text, or too long.</exception>
    public string Text(object? value, int longest)
    {
        if (value is not PickleBytes bytes) throw new FormatException("a name or a key is not a text");
        if (bytes.Length > longest) throw new FormatException($"a name or a key of more than {longest} bytes");
        var content = new byte[bytes.Length];
        var here = buffered.Position;
        buffered.Seek(bytes.Start, SeekOrigin.Begin);
        buffered.ReadExactly(content);
        buffered.Seek(here, SeekOrigin.Begin);
        return (bytes.IsUtf8 ? Encoding.UTF8 : Encoding.Latin1).GetString(content);
    }

    /// <summary>The content of bytes, from the first on. A text holds its letters' numbers, each below 256 (Python 3 writes bytes so for protocol 2).</summary>
    public Content Open(PickleBytes bytes) => new(buffered, bytes);

    private static FormatException Short() => new("cut short, or not a pickle");

    /// <summary>Reads bytes in order.</summary>
    internal sealed class Content(BufferedStream stream, PickleBytes bytes)
    {
        private long next = bytes.Start;

        /// <exception cref="FormatException">There are fewer, or a text has other letters.</exception>
        public void Read(Span<byte> into)
        {
            if (stream.Position != next) stream.Seek(next, SeekOrigin.Begin);
            if (!bytes.IsUtf8)
            {
                if (bytes.Start + bytes.Length - next < into.Length) throw Short();
                stream.ReadExactly(into);
            }
            else
            {
                for (var at = 0; at < into.Length; at++) into[at] = Letter();
            }
            next = stream.Position;
        }

        /// <exception cref="FormatException">There is more.</exception>
        public void RequireEnd()
        {
            if (next != bytes.Start + bytes.Length) throw new FormatException("an array has more bytes than its shape");
        }

        private byte Letter()
        {
            var first = One();
            if (first < 0x80) return (byte)first;
            var second = first is 0xc2 or 0xc3 ? One() : 0;
            return (second & 0xc0) == 0x80 ? (byte)((first << 6) | (second & 0x3f)) : throw new FormatException("an array's content is a text of other letters than bytes");
        }

        private int One() => stream.Position < bytes.Start + bytes.Length ? stream.ReadByte() : throw Short();
    }
}
