using System.Globalization;
using System.Text;

namespace Plastic.Host;

/// <summary>What the header of an .npy array says: {'descr': '&lt;f4', 'fortran_order': False, 'shape': (2, 3), }</summary>
/// <param name="Type">How its numbers are stored.</param>
/// <param name="IsFortran">Whether the first index varies fastest.</param>
/// <param name="Shape">Lengths of its axes.</param>
internal sealed record NpyHeader(NumberType Type, bool IsFortran, int[] Shape)
{
    private const int MostAxes = 32;

    /// <summary>Reads the dictionary, a literal of Python, which is never evaluated.</summary>
    /// <exception cref="FormatException">It is no such dictionary; the message says what is wrong.</exception>
    public static NpyHeader Parse(string text)
    {
        var reader = new Literal(text);
        NumberType? type = null;
        bool? isFortran = null;
        int[]? shape = null;
        reader.Take('{');
        while (!reader.TryTake('}'))
        {
            var key = reader.String();
            reader.Take(':');
            switch (key)
            {
                case "descr" when type is null:
                    type = TypeOf(reader);
                    break;
                case "fortran_order" when isFortran is null:
                    isFortran = reader.Bool();
                    break;
                case "shape" when shape is null:
                    shape = reader.Shape();
                    break;
                default:
                    throw new FormatException($"the header's key {key} is unknown or repeated");
            }
            if (!reader.TryTake(','))
            {
                reader.Take('}');
                break;
            }
        }
        reader.End();
        return (type, isFortran, shape) is ({ } t, { } f, { } s)
            ? new NpyHeader(t, f, s)
            : throw new FormatException("the header lacks descr, fortran_order or shape");
    }

    private static NumberType TypeOf(Literal reader)
    {
        if (reader.Next is not ('\'' or '"')) throw new FormatException("an array of records (descr is no string); save one array for each field");
        var text = reader.String();
        if (text.Length >= 2 && text[1] is 'O' or 'U' or 'S' or 'c' or 'M' or 'm' or 'V')
        {
            throw new FormatException($"dtype {text} is not supported; convert it to numbers, for example with .astype('float32')");
        }
        NumberKind? kind = text.Length < 2 ? null : text[1] switch
        {
            'f' => NumberKind.Float,
            'i' => NumberKind.Signed,
            'u' => NumberKind.Unsigned,
            'b' => NumberKind.Bool,
            _ => null,
        };
        return kind is { } known && text[0] is '<' or '>' or '|'
            && int.TryParse(text.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            && new NumberType(kind.Value, width, text[0] == '>') is { IsKnown: true } type && (text[0] != '|' || width == 1)
            ? type
            : throw new FormatException($"dtype {text} is not supported; f2, f4, f8, i1 to i8, u1 to u8 and bool are");
    }

    /// <summary>Reads the few forms of Python's literals that a header has.</summary>
    private sealed class Literal(string text)
    {
        private int at;

        public char Next
        {
            get
            {
                while (at < text.Length && text[at] is ' ' or '\n') at++;
                return at < text.Length ? text[at] : '\0';
            }
        }

        public bool TryTake(char c)
        {
            if (Next != c) return false;
            at++;
            return true;
        }

        public void Take(char c)
        {
            if (!TryTake(c)) throw new FormatException($"expected {c} at character {at} of the header");
        }

        public string String()
        {
            var quote = Next;
            if (quote is not ('\'' or '"')) throw new FormatException($"expected a string at character {at} of the header");
            var end = text.IndexOf(quote, at + 1);
            if (end < 0) throw new FormatException("a string in the header does not end");
            var content = text[(at + 1)..end];
            if (content.Length > 64 || content.Any(c => c is < ' ' or > '~' or '\\')) throw new FormatException("a string in the header is not plain");
            at = end + 1;
            return content;
        }

        public bool Bool()
        {
            foreach (var (word, value) in new[] { ("True", true), ("False", false) })
            {
                if (Next != word[0] || string.CompareOrdinal(text, at, word, 0, word.Length) != 0) continue;
                at += word.Length;
                return value;
            }
            throw new FormatException($"expected True or False at character {at} of the header");
        }

        public int[] Shape()
        {
            var lengths = new List<int>();
            Take('(');
            while (!TryTake(')'))
            {
                if (lengths.Count == MostAxes) throw new FormatException($"more than {MostAxes} axes");
                lengths.Add(Length());
                if (TryTake(',')) continue;
                Take(')');
                // (3) is a number, not a tuple.
                if (lengths.Count == 1) throw new FormatException("the shape is a number, not a tuple");
                break;
            }
            return [.. lengths];
        }

        private int Length()
        {
            _ = Next;
            var start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            return int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                ? length
                : throw new FormatException($"expected a length up to {int.MaxValue} at character {start} of the header");
        }

        public void End()
        {
            if (Next != '\0' || at < text.Length) throw new FormatException($"more than one dictionary, at character {at} of the header");
        }
    }

    /// <summary>The dictionary of an array in C order.</summary>
    public static string Of(string descr, IReadOnlyList<int> shape)
    {
        var text = new StringBuilder($"{{'descr': '{descr}', 'fortran_order': False, 'shape': (");
        text.AppendJoin(", ", shape);
        return text.Append(shape.Count == 1 ? ",), }" : "), }").ToString();
    }
}
