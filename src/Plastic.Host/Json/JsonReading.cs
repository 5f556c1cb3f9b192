using System.Text.Json;

namespace Plastic.Host;

/// <summary>
/// One value of a JSON file that is not trusted. Every fault is a <see cref="PlasticException"/> that names the file,
/// where in it the fault is, and what was expected there.
/// </summary>
internal readonly struct JsonReading
{
    private readonly string file;
    private readonly string path;
    private readonly JsonElement element;

    private JsonReading(string file, string path, JsonElement element)
    {
        this.file = file;
        this.path = path;
        this.element = element;
    }

    /// <summary>Reads a file that must hold one JSON object, no key of it twice.</summary>
    public static T File<T>(string file, Func<JsonReading, T> read) => Parse(file, Bytes(file), read);

    /// <summary>Reads one JSON object, no key of it twice, from part of a file.</summary>
    public static T Parse<T>(string file, ReadOnlyMemory<byte> json, Func<JsonReading, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = new JsonReading(file, "", document.RootElement);
            return root.element.ValueKind == JsonValueKind.Object ? read(root) : throw root.Fault("expected an object");
        }
        catch (JsonException fault)
        {
            throw new PlasticException(
                ExitCode.BadData, $"{file}: cut short or not valid JSON: {Line(fault.Message)}", fault);
        }
        catch (InvalidOperationException fault)
        {
            // The parser lets escapes such as "\ud800" pass; they fail when the text is taken.
            throw new PlasticException(
                ExitCode.BadData, $"{file}: a text in it is no Unicode: {Line(fault.Message)}", fault);
        }
    }

    /// <summary>All bytes of a file.</summary>
    public static byte[] Bytes(string file) => Open(file, stream =>
    {
        if (!stream.CanSeek)
        {
            using var whole = new MemoryStream();
            stream.CopyTo(whole);
            return whole.ToArray();
        }
        if (stream.Length > System.Array.MaxLength)
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: {stream.Length} bytes are more than are read");
        }
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    });

    /// <summary>Reads a file through a stream.</summary>
    /// <exception cref="PlasticException">It is missing, cannot be read, or ends while it is read.</exception>
    public static T Open<T>(string file, Func<Stream, T> read)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            return read(stream);
        }
        catch (Exception fault)
            when (fault is FileNotFoundException or DirectoryNotFoundException || Directory.Exists(file))
        {
            throw new PlasticException(ExitCode.MissingInput, $"{file}: no such file", fault);
        }
        catch (NotSupportedException fault)
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: no file but a pipe", fault);
        }
        catch (EndOfStreamException fault)
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: became shorter while it was read", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"{file}: cannot be read: {Line(fault.Message)}", fault);
        }
    }

    /// <summary>The fault to throw when this value is not what it should be.</summary>
    public PlasticException Fault(string what) =>
        new(ExitCode.BadData, $"{file}: {Line(path.Length == 0 ? what : $"{path}: {what}")}");

    /// <summary>True for null.</summary>
    public bool IsNull => element.ValueKind == JsonValueKind.Null;

    /// <summary>Whether an object has a member of that name.</summary>
    public bool Has(string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out _);

    /// <summary>A member of an object; it must be there.</summary>
    public JsonReading Member(string name)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Fault("expected an object");
        return element.TryGetProperty(name, out var member) ? At(name, member) : throw Fault($"{name} is missing");
    }

    /// <summary>Refuses members beyond the given ones: what is not understood could change what the file means.</summary>
    public void Only(params IEnumerable<string> names)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Fault("expected an object");
        var known = names.ToHashSet();
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name)) throw Fault($"{member.Name} is unknown");
        }
    }

    /// <summary>All members of an object.</summary>
    public IReadOnlyList<(string Name, JsonReading Value)> Members()
    {
        if (element.ValueKind != JsonValueKind.Object) throw Fault("expected an object");
        var members = new List<(string, JsonReading)>();
        foreach (var member in element.EnumerateObject()) members.Add((member.Name, At(member.Name, member.Value)));
        return members;
    }

    public string Text() =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Fault("expected a text");

    public bool Flag() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fault("expected true or false"),
    };

    /// <summary>A whole number within a range.</summary>
    public int Whole(int low, int high) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value >= low && value <= high
            ? value
            : throw Fault($"expected a whole number from {low} to {high}");

    /// <summary>A setting's value as it is typed: a text, a number, true, false, or none for null.</summary>
    public string Scalar() => element.ValueKind switch
    {
        JsonValueKind.Null => "none",
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => element.GetRawText(),
        _ => throw Fault("expected one value"),
    };

    /// <summary>A whole number ≥ 0 of up to 63 bits.</summary>
    public long Long() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var value) && value >= 0
            ? value
            : throw Fault("expected a whole number ≥ 0");

    /// <summary>A finite number.</summary>
    public double Number() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && double.IsFinite(value)
            ? value
            : throw Fault("expected a finite number");

    /// <summary>An array of finite numbers, of a given length where one is given.</summary>
    public double[] Numbers(long? length = null)
    {
        if (element.ValueKind == JsonValueKind.Array && length is not null && element.GetArrayLength() != length)
        {
            throw Fault($"expected {length} numbers, got {element.GetArrayLength()}");
        }
        return Array(item => item.Number());
    }

    /// <summary>An array of texts.</summary>
    public string[] Texts() => Array(item => item.Text());

    /// <summary>An array of whole numbers ≥ 0.</summary>
    public int[] Wholes() => Array(item => item.Whole(0, int.MaxValue));

    /// <summary>An array of whole numbers ≥ 0 of up to 63 bits.</summary>
    public long[] Longs() => Array(item => item.Long());

    /// <summary>{"shape": […], "data": […]} of a given shape, row-major.</summary>
    public double[] Tensor(params int[] shape)
    {
        var given = Member("shape").Wholes();
        if (!given.AsSpan().SequenceEqual(shape))
        {
            throw Fault($"expected shape [{string.Join(", ", shape)}], got [{string.Join(", ", given)}]");
        }
        return Member("data").Numbers(shape.Aggregate(1L, (size, length) => size * length));
    }

    private T[] Array<T>(Func<JsonReading, T> read)
    {
        if (element.ValueKind != JsonValueKind.Array) throw Fault("expected an array");
        var items = new T[element.GetArrayLength()];
        var index = 0;
        foreach (var item in element.EnumerateArray())
        {
            items[index] = read(new JsonReading(file, $"{path}[{index}]", item));
            index++;
        }
        return items;
    }

    private JsonReading At(string name, JsonElement member) =>
        new(file, path.Length == 0 ? name : $"{path} > {name}", member);

    /// <summary>Text from outside, fit for one line of a message.</summary>
    private static string Line(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= 200 ? line : line[..200] + "…";
    }
}
