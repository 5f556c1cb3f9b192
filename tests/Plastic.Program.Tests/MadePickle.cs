using System.Text;

namespace Plastic.Program.Tests;

/// <summary>Which program a pickle looks like.</summary>
internal enum PickleStyle
{
    /// <summary>Python 2, protocol 2: texts are bytes.</summary>
    Python2,

    /// <summary>Python 3, protocol 2: bytes are texts that are encoded again.</summary>
    Protocol2,

    /// <summary>Protocol 3.</summary>
    Protocol3,

    /// <summary>Protocol 4: frames, and a memory that counts.</summary>
    Protocol4,

    /// <summary>Protocol 5: numpy's arrays are made from buffers.</summary>
    Protocol5,
}

/// <summary>Writes pickles as Python and numpy write them, one instruction after the other.</summary>
internal sealed class MadePickle
{
    private readonly List<byte> bytes = [];
    private readonly PickleStyle style;

    private MadePickle(PickleStyle style)
    {
        this.style = style;
        Put(0x80, (byte)(style switch { PickleStyle.Python2 or PickleStyle.Protocol2 => 2, PickleStyle.Protocol3 => 3, PickleStyle.Protocol4 => 4, _ => 5 }));
        if (style >= PickleStyle.Protocol4) Put([0x95, .. BitConverter.GetBytes(0L)]);
    }

    /// <summary>A dict of data, [count, side, side, 3] bytes, and labels.</summary>
    public static byte[] OfImages(PickleStyle style, int side, IReadOnlyList<byte[]> images, IReadOnlyList<int> labels)
    {
        var pickle = new MadePickle(style);
        pickle.Put((byte)'}');
        pickle.Remember(0);
        pickle.Put((byte)'(');
        pickle.Text("labels");
        if (style is PickleStyle.Protocol3) pickle.Array("i8", [labels.Count], [.. labels.SelectMany(label => BitConverter.GetBytes((long)label))]);
        else pickle.List(labels);
        pickle.Text("data");
        pickle.Array("u1", [images.Count, side, side, 3], [.. images.SelectMany(image => image)]);
        pickle.Put((byte)'u', (byte)'.');
        return [.. pickle.bytes];
    }

    /// <summary>A pickle of these instructions.</summary>
    public static byte[] Of(params byte[] instructions) => [0x80, 4, .. instructions, (byte)'.'];

    private void Put(params byte[] some) => bytes.AddRange(some);

    private void Remember(byte place) => Put(style >= PickleStyle.Protocol4 ? [0x94] : [(byte)'q', place]);

    private void Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        if (style == PickleStyle.Python2) Put([(byte)'U', (byte)utf8.Length, .. utf8]);
        else if (style >= PickleStyle.Protocol4) Put([0x8c, (byte)utf8.Length, .. utf8]);
        else Put([(byte)'X', .. BitConverter.GetBytes(utf8.Length), .. utf8]);
    }

    private void Name(string module, string name)
    {
        if (style < PickleStyle.Protocol4)
        {
            Put([(byte)'c', .. Encoding.ASCII.GetBytes($"{module}\n{name}\n")]);
            return;
        }
        Text(module);
        Text(name);
        Put(0x93);
    }

    private void Bytes(byte[] content)
    {
        switch (style)
        {
            case PickleStyle.Python2:
                Put([(byte)'T', .. BitConverter.GetBytes(content.Length), .. content]);
                break;
            case PickleStyle.Protocol2:
                var text = Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(content));
                Name("_codecs", "encode");
                Put([(byte)'X', .. BitConverter.GetBytes(text.Length), .. text]);
                Text("latin1");
                Put(0x86, (byte)'R');
                break;
            case PickleStyle.Protocol5:
                Put([0x96, .. BitConverter.GetBytes((long)content.Length), .. content]);
                break;
            default:
                Put([(byte)'B', .. BitConverter.GetBytes(content.Length), .. content]);
                break;
        }
    }

    private void Number(int value)
    {
        if (value is >= 0 and < 256) Put((byte)'K', (byte)value);
        else if (value is >= 0 and < 65536) Put([(byte)'M', .. BitConverter.GetBytes((ushort)value)]);
        else Put([(byte)'J', .. BitConverter.GetBytes(value)]);
    }

    private void Tuple(IEnumerable<int> numbers)
    {
        Put((byte)'(');
        foreach (var number in numbers) Number(number);
        Put((byte)'t');
    }

    private void List(IEnumerable<int> numbers)
    {
        Put((byte)']');
        Remember(1);
        Put((byte)'(');
        foreach (var number in numbers) Number(number);
        Put((byte)'e');
    }

    private void Type(string code)
    {
        Name("numpy", "dtype");
        Text(code);
        Put((byte)'K', 0, (byte)'K', 1, 0x87, (byte)'R');
        Put((byte)'(', (byte)'K', 3);
        Text(code == "u1" ? "|" : "<");
        Put((byte)'N', (byte)'N', (byte)'N');
        Number(-1);
        Number(-1);
        Put((byte)'K', 0, (byte)'t', (byte)'b');
    }

    private void Array(string code, int[] shape, byte[] content)
    {
        if (style == PickleStyle.Protocol5)
        {
            Name("numpy.core.numeric", "_frombuffer");
            Put((byte)'(');
            Bytes(content);
            Type(code);
            Tuple(shape);
            Text("C");
            Put((byte)'t', (byte)'R');
            return;
        }
        Name("numpy.core.multiarray", "_reconstruct");
        Name("numpy", "ndarray");
        Put((byte)'K', 0, 0x85);
        Bytes([(byte)'b']);
        Put(0x87, (byte)'R');
        Remember(2);
        Put((byte)'(', (byte)'K', 1);
        Tuple(shape);
        Type(code);
        Put(0x89);
        Bytes(content);
        Put((byte)'t', (byte)'b');
    }
}
