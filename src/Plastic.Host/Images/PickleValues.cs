namespace Plastic.Host;

/// <summary>Bytes or text of a pickle, which stay in the file.</summary>
/// <param name="Start">Where in the file they begin.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="IsUtf8">Whether they are a text in UTF-8.</param>
internal sealed record PickleBytes(long Start, long Length, bool IsUtf8);

/// <summary>A function or type that a pickle names. It is never looked up: the reader knows the few that numpy's arrays need.</summary>
internal sealed record PickleName(string Name);

/// <summary>A numpy type: "u1", "i8", … and its byte order.</summary>
internal sealed class PickleType(string code)
{
    /// <summary>A letter and the bytes of a number.</summary>
    public string Code => code;

    /// <summary>Whether numbers have their most significant byte first.</summary>
    public bool IsBigEndian { get; set; }

    /// <summary>The bytes of a number.</summary>
    public int Bytes => code[1] - '0';
}

/// <summary>A numpy array, or one number of a numpy type.</summary>
internal sealed class PickleArray
{
    /// <summary>Lengths of the axes.</summary>
    public IReadOnlyList<long> Shape { get; set; } = [];

    /// <summary>The type of its numbers; null until it is known.</summary>
    public PickleType? Type { get; set; }

    /// <summary>Its numbers; null until they are known.</summary>
    public PickleBytes? Content { get; set; }

    /// <summary>Sets what it holds.</summary>
    /// <exception cref="FormatException">It does not fit together.</exception>
    public void Set(object? shape, object? type, object? isFortran, object? content)
    {
        if (shape is not object?[] axes || !axes.All(axis => axis is long and >= 0)) throw new FormatException("an array's shape is not a tuple of lengths");
        if (type is not PickleType known) throw new FormatException("an array has no type of numbers");
        if (content is not PickleBytes bytes) throw new FormatException("an array's content is not bytes");
        if (isFortran is true && axes.Length > 1) throw new FormatException("an array is in Fortran order; save it in C order");
        var numbers = axes.Aggregate((Int128)1, (product, axis) => product > long.MaxValue ? product : product * (long)axis!);
        // Text may take two bytes for a byte; what is there is counted when it is read.
        if (numbers * known.Bytes > bytes.Length || (!bytes.IsUtf8 && numbers * known.Bytes != bytes.Length))
        {
            throw new FormatException($"an array [{string.Join(", ", axes)}] of {known.Code} does not fill {bytes.Length} bytes");
        }
        (Shape, Type, Content) = ([.. axes.Cast<long>()], known, bytes);
    }
}
