namespace Plastic.Host;

/// <summary>What pickles of numpy arrays call, and what it gives: data, with nothing looked up or run.</summary>
internal static class PickleNumPy
{
    private const string Encode = "_codecs encode", DType = "numpy dtype", Array = "numpy ndarray";

    private static readonly string[] Reconstruct = ["numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct"];
    private static readonly string[] Scalar = ["numpy.core.multiarray scalar", "numpy._core.multiarray scalar"];
    private static readonly string[] FromBuffer = ["numpy.core.numeric _frombuffer", "numpy._core.numeric _frombuffer"];
    private static readonly string[] Types = ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "b1", "f4", "f8"];

    private static readonly HashSet<string> known = [Encode, DType, Array, .. Reconstruct, .. Scalar, .. FromBuffer];

    /// <summary>Whether a pickle may name it.</summary>
    public static bool Knows(string name) => known.Contains(name);

    /// <summary>The object that a call makes.</summary>
    /// <exception cref="FormatException">It is called with other arguments than numpy calls it with.</exception>
    public static object? Call(string name, object?[] given, PickleFile file)
    {
        switch (name)
        {
            case DType when given is [PickleBytes code, ..]:
                var text = file.Text(code, 20);
                return Types.Contains(text) ? new PickleType(text) : throw new FormatException($"numbers of the type {SafeText.Line(text)}; only whole numbers are read");
            // How Python 3 writes bytes for protocol 2: as a text, and the name of the encoding.
            case Encode when given is [PickleBytes { IsUtf8: true } letters, PickleBytes encoding] && file.Text(encoding, 20) == "latin1":
                return letters;
            case var _ when Reconstruct.Contains(name) && given is [PickleName { Name: Array }, ..]:
                return new PickleArray();
            case var _ when Scalar.Contains(name) && given is [PickleType type, PickleBytes content]:
                return Made(System.Array.Empty<object?>(), type, content);
            case var _ when FromBuffer.Contains(name) && given is [PickleBytes content, PickleType type, object?[] shape, PickleBytes order]:
                return file.Text(order, 20) == "C" || shape.Length < 2 ? Made(shape, type, content) : throw new FormatException("an array is in Fortran order; save it in C order");
            default:
                throw new FormatException($"it calls {SafeText.Line(name)} in a way that numpy does not");
        }
    }

    /// <summary>Completes an object: an array's state is (version, shape, type, order, content), a type's (version, byte order, …).</summary>
    /// <exception cref="FormatException">It is no array, no type, or another state.</exception>
    public static void SetState(object? target, object? state, PickleFile file)
    {
        switch (target, state)
        {
            case (PickleArray array, object?[] { Length: 5 } parts): array.Set(parts[1], parts[2], parts[3], parts[4]); break;
            case (PickleType type, object?[] { Length: >= 2 } parts): type.IsBigEndian = file.Text(parts[1], 20) == ">"; break;
            default: throw new FormatException("it completes an object that is not an array");
        }
    }

    private static PickleArray Made(object?[] shape, PickleType type, PickleBytes content)
    {
        var array = new PickleArray();
        array.Set(shape, type, false, content);
        return array;
    }
}
