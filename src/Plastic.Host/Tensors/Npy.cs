using System.Buffers.Binary;
using System.Text;

namespace Plastic.Host;

/// <summary>
/// The array format of NumPy (NEP 1), versions 1.0, 2.0 and 3.0: \x93NUMPY, the version, the length of the header in 2 bytes (4 from 2.0
/// on), the header, then the numbers. Read: f2, f4, f8, i1 to i8, u1 to u8 and bool, of either byte order, in C or Fortran order.
/// Written: f4, f8, i8 and texts (U), little-endian, in C order.
/// </summary>
internal static class Npy
{
    private const int BufferBytes = 1 << 16;
    private const int LargestHeader = 1 << 16;
    private const int Alignment = 64;
    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    /// <summary>Reads an array and accounts for every byte.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="stream">The array.</param>
    /// <param name="bytes">How many bytes it has.</param>
    /// <exception cref="FormatException">It is not in this format; the message says what is wrong.</exception>
    /// <exception cref="EndOfStreamException">It is cut short.</exception>
    public static NamedTensor Read(string name, Stream stream, long bytes)
    {
        Span<byte> start = stackalloc byte[Magic.Length + 2];
        stream.ReadExactly(start);
        if (!start[..Magic.Length].SequenceEqual(Magic)) throw new FormatException("not an .npy array: it does not begin with \\x93NUMPY");
        var (major, minor) = (start[^2], start[^1]);
        if (major is < 1 or > 3 || minor != 0) throw new FormatException($"format {major}.{minor} is not supported; 1.0, 2.0 and 3.0 are");
        Span<byte> size = stackalloc byte[major == 1 ? sizeof(ushort) : sizeof(uint)];
        stream.ReadExactly(size);
        var length = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > LargestHeader) throw new FormatException($"a header of {length} bytes; at most {LargestHeader} are read");
        var header = new byte[length];
        stream.ReadExactly(header);
        var head = NpyHeader.Parse(Encoding.Latin1.GetString(header));
        var count = NamedTensor.Count(head.Shape);
        var expected = count * head.Type.Width;
        var found = bytes - start.Length - size.Length - length;
        var shape = $"[{string.Join(", ", head.Shape)}]";
        if (count > Array.MaxLength || expected != found) throw new FormatException($"shape {shape} does not fill {found} bytes");
        if (Memory.Lack(count * head.Type.MemoryWidth, Memory.Available) is { } lack) throw new FormatException($"shape {shape} {lack}");
        var data = head.Type.Allocate((int)count);
        head.Type.Read(stream, data, new byte[Math.Clamp(expected, sizeof(double), BufferBytes)]);
        return new NamedTensor(name, head.Shape, head.IsFortran ? InCOrder(data, head.Shape) : data) { IsWhole = head.Type.IsWhole };
    }

    /// <summary>Writes an array of float, double or long.</summary>
    public static void Write(Stream stream, NamedTensor tensor)
    {
        WriteHeader(stream, tensor.Data switch { float[] => "<f4", long[] => "<i8", _ => "<f8" }, tensor.Shape);
        NumberType.Write(stream, tensor.Data, new byte[BufferBytes]);
    }

    /// <summary>Writes texts [length of the list].</summary>
    public static void Write(Stream stream, IReadOnlyList<string> texts)
    {
        var runes = texts.Select(text => text.EnumerateRunes().ToArray()).ToArray();
        var width = Math.Max(1, runes.Max(text => text.Length));
        WriteHeader(stream, $"<U{width}", [texts.Count]);
        var one = new byte[sizeof(int)];
        foreach (var text in runes)
        {
            for (var i = 0; i < width; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(one, i < text.Length ? text[i].Value : 0);
                stream.Write(one);
            }
        }
    }

    private static void WriteHeader(Stream stream, string descr, IReadOnlyList<int> shape)
    {
        var text = NpyHeader.Of(descr, shape);
        var before = Magic.Length + 2 + sizeof(ushort);
        // The numbers begin at a multiple of 64 bytes, as NumPy writes them.
        var length = (before + text.Length + 1 + Alignment - 1) / Alignment * Alignment - before;
        stream.Write(Magic);
        stream.Write([1, 0, (byte)length, (byte)(length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n"));
    }

    private static Array InCOrder(Array from, int[] shape)
    {
        var to = Array.CreateInstance(from.GetType().GetElementType()!, from.Length);
        var strides = new int[shape.Length];
        for (int k = shape.Length - 1, stride = 1; k >= 0; stride *= shape[k--]) strides[k] = stride;
        var index = new int[shape.Length];
        for (int at = 0, place = 0; at < from.Length; at++)
        {
            if (from is float[] singles) ((float[])to)[place] = singles[at];
            else ((double[])to)[place] = ((double[])from)[at];
            for (var k = 0; k < shape.Length; k++)
            {
                place += strides[k];
                if (++index[k] < shape[k]) break;
                place -= strides[k] * shape[k];
                index[k] = 0;
            }
        }
        return to;
    }
}
