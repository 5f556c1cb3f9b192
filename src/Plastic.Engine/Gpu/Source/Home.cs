using System.Globalization;
using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Where the value of a slot is while a list runs.</summary>
internal abstract record Home
{
    /// <summary>Element i of a vector, or a scalar.</summary>
    public abstract string At(string i);

    /// <summary>What reading it touches.</summary>
    public abstract IEnumerable<Access> Read(bool isOwn);

    /// <summary>Σ p_i q_j over pairs of slots, in C.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="of">Where the value of a slot is.</param>
    /// <param name="i">The element of p.</param>
    /// <param name="j">The element of q.</param>
    public static string Outer(IEnumerable<Pair<int>> pairs, Func<int, Home> of, string i, string j)
    {
        var text = "";
        foreach (var pair in pairs)
        {
            var (p, q) = (of(pair.P).At(i), of(pair.Q).At(j));
            text = text.Length == 0 ? $"{p} * {q}" : $"FMA({p}, {q}, {text})";
        }
        return text.Length == 0 ? "0.0f" : text;
    }

    /// <summary>A number.</summary>
    public static Home Literal(double value) => new Register(Number((float)value));

    /// <summary>A number in C, to its last bit.</summary>
    public static string Number(float value) =>
        float.IsFinite(value)
            ? $"({value.ToString("E8", CultureInfo.InvariantCulture)}f)"
            : $"AS_FLOAT(0x{BitConverter.SingleToUInt32Bits(value):X8})";
}

/// <summary>A scalar that every thread computes or loads alike, or a number.</summary>
internal sealed record Register(string Name) : Home
{
    public override string At(string i) => Name;

    public override IEnumerable<Access> Read(bool isOwn) => [];
}

/// <summary>A vector in memory that nobody writes while the list runs.</summary>
internal sealed record Fixed(string Pointer, int Offset) : Home
{
    public override string At(string i) => $"{Pointer}[{Offset} + {i}]";

    public override IEnumerable<Access> Read(bool isOwn) => [];
}

/// <summary>A vector in a place.</summary>
internal sealed record Placed(string Place) : Home
{
    public override string At(string i) => $"{Place}[{i}]";

    public override IEnumerable<Access> Read(bool isOwn) => [new(Place, IsWrite: false, isOwn)];

    /// <summary>What writing the elements by their threads touches.</summary>
    public Access Write => new(Place, IsWrite: true, IsOwn: true);
}
