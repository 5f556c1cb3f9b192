using System.Buffers.Binary;

namespace Plastic.Host;

/// <summary>
/// Reads Python pickles, protocols 2 to 5, as data: numbers, texts, bytes, lists, tuples, dicts and numpy arrays of whole numbers. A pickle is
/// a program that builds objects; here it can build nothing else. Every other instruction, and every other function or type that it names,
/// is refused. Bytes and texts stay in the file, so memory depends on the number of values alone, which has a limit.
/// Source: Python's pickletools module, which describes every instruction.
/// </summary>
internal sealed class PickleReader
{
    private const int MostInstructions = 8_000_000, MostMarks = 1000, LongestName = 200;

    private static readonly object Mark = new();

    private readonly PickleFile file;
    private readonly List<object?> stack = [];
    private readonly Dictionary<uint, object?> memory = [];
    private int marks;

    private PickleReader(PickleFile file) => this.file = file;

    /// <summary>The value of a pickle.</summary>
    /// <exception cref="FormatException">It is damaged, or not data.</exception>
    public static object? Read(PickleFile file)
    {
        var reader = new PickleReader(file);
        for (var count = 0; count < MostInstructions; count++)
        {
            var at = file.Position;
            var instruction = file.Byte();
            if (instruction == (byte)'.') return reader.Result();
            if (!reader.Value(instruction) && !reader.Collection(instruction) && !reader.Object(instruction))
            {
                throw new FormatException($"byte {at}: instruction 0x{instruction:x2} is not one of data");
            }
        }
        throw new FormatException($"more than {MostInstructions} instructions");
    }

    private object? Result() => stack.Count == 1 && !ReferenceEquals(stack[0], Mark) ? stack[0] : throw new FormatException("it ends in the middle of a value");

    /// <summary>Numbers, texts and bytes.</summary>
    private bool Value(byte instruction)
    {
        switch (instruction)
        {
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'K': Push((long)file.Byte()); break;
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(file.Bytes(2))); break;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(file.Bytes(4))); break;
            case 0x8a: Push(Whole(file.Byte())); break;
            case 0x8b: Push(Whole(file.Length(4))); break;
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(file.Bytes(8))); break;
            case (byte)'U': Push(file.Skip(file.Length(1), isUtf8: false)); break;
            case (byte)'T': Push(file.Skip(file.Length(4), isUtf8: false)); break;
            case (byte)'C': Push(file.Skip(file.Length(1), isUtf8: false)); break;
            case (byte)'B': Push(file.Skip(file.Length(4), isUtf8: false)); break;
            case 0x8e or 0x96: Push(file.Skip(file.Length(8), isUtf8: false)); break;
            case 0x8c: Push(file.Skip(file.Length(1), isUtf8: true)); break;
            case (byte)'X': Push(file.Skip(file.Length(4), isUtf8: true)); break;
            case 0x8d: Push(file.Skip(file.Length(8), isUtf8: true)); break;
            default: return false;
        }
        return true;
    }

    /// <summary>Lists, tuples and dicts, the stack and the memory.</summary>
    private bool Collection(byte instruction)
    {
        switch (instruction)
        {
            case 0x80: if (file.Byte() is var version && version is < 2 or > 5) throw new FormatException($"protocol {version}; 2 to 5 are read"); break;
            case 0x95: file.RequireLeft(file.Length(8)); break;
            case (byte)'(': if (++marks > MostMarks) throw new FormatException("nested too deeply"); stack.Add(Mark); break;
            case (byte)'0': Pop(); break;
            case (byte)']': Push(new List<object?>()); break;
            case (byte)'a': var item = Pop(); Top<List<object?>>("a list").Add(item); break;
            case (byte)'e': var items = PopToMark(); Top<List<object?>>("a list").AddRange(items); break;
            case (byte)'l': Push(PopToMark().ToList()); break;
            case (byte)')': Push(Array.Empty<object?>()); break;
            case 0x85 or 0x86 or 0x87: Push(Pop(instruction - 0x84)); break;
            case (byte)'t': Push(PopToMark()); break;
            case (byte)'}': Push(new Dictionary<object, object?>()); break;
            case (byte)'s': SetItems(Pop(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'d': var pairs = PopToMark(); Push(new Dictionary<object, object?>()); SetItems(pairs); break;
            case (byte)'q': memory[file.Byte()] = Peek(); break;
            case (byte)'r': memory[BinaryPrimitives.ReadUInt32LittleEndian(file.Bytes(4))] = Peek(); break;
            case 0x94: memory[(uint)memory.Count] = Peek(); break;
            case (byte)'h': Push(Remembered(file.Byte())); break;
            case (byte)'j': Push(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(file.Bytes(4)))); break;
            default: return false;
        }
        return true;
    }

    /// <summary>Names, and the objects that are made by calling them.</summary>
    private bool Object(byte instruction)
    {
        switch (instruction)
        {
            case (byte)'c': Push(Known($"{file.Line(LongestName)} {file.Line(LongestName)}")); break;
            case 0x93:
                var parts = Pop(2);
                Push(Known($"{file.Text(parts[0], LongestName)} {file.Text(parts[1], LongestName)}"));
                break;
            case (byte)'R':
                var call = Pop(2);
                if (call is not [PickleName called, object?[] given]) throw new FormatException("it calls something that is not a function");
                Push(PickleNumPy.Call(called.Name, given, file));
                break;
            case (byte)'b': var state = Pop(); PickleNumPy.SetState(Peek(), state, file); break;
            default: return false;
        }
        return true;
    }

    private static PickleName Known(string name) =>
        PickleNumPy.Knows(name) ? new PickleName(name) : throw new FormatException($"it names {SafeText.Line(name)}, which is not data");

    private long Whole(long bytes)
    {
        if (bytes > sizeof(long)) throw new FormatException($"a whole number of {bytes} bytes; at most 8 are read");
        var value = 0L;
        var shift = 0;
        foreach (var part in file.Bytes((int)bytes))
        {
            value |= (long)part << shift;
            shift += 8;
        }
        // The highest bit is the sign.
        return shift is 0 or 64 ? value : value << (64 - shift) >> (64 - shift);
    }

    private void Push(object? value) => stack.Add(value);

    private object? Peek() =>
        stack.Count > 0 && !ReferenceEquals(stack[^1], Mark) ? stack[^1] : throw new FormatException("an instruction lacks a value");

    private object? Pop()
    {
        var value = Peek();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private object?[] Pop(int count)
    {
        var values = new object?[count];
        for (var at = count - 1; at >= 0; at--) values[at] = Pop();
        return values;
    }

    private object?[] PopToMark()
    {
        var mark = stack.FindLastIndex(value => ReferenceEquals(value, Mark));
        if (mark < 0) throw new FormatException("an instruction lacks a mark");
        var values = stack.GetRange(mark + 1, stack.Count - mark - 1).ToArray();
        stack.RemoveRange(mark, stack.Count - mark);
        marks--;
        return values;
    }

    private T Top<T>(string what) where T : class => Peek() as T ?? throw new FormatException($"an instruction needs {what}");

    private void SetItems(object?[] pairs)
    {
        if (pairs.Length % 2 != 0) throw new FormatException("a dict has a key without a value");
        var dict = Top<Dictionary<object, object?>>("a dict");
        for (var at = 0; at < pairs.Length; at += 2) dict[pairs[at] is long number ? number : file.Text(pairs[at], LongestName)] = pairs[at + 1];
    }

    private object? Remembered(uint place) =>
        memory.TryGetValue(place, out var value) ? value : throw new FormatException($"it uses memory {place}, which it never set");
}
