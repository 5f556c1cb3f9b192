using System.Text;

namespace Plastic.Host;

/// <summary>
/// The records of a table in text (RFC 4180), one after the other: values between commas, semicolons or tabs, whichever the first line
/// has; a value in quotes may hold any of these, line ends, and "" for a quote. Holds one record at a time, of bounded length.
/// </summary>
internal sealed class CsvRecords(TextReader text)
{
    /// <summary>The most characters of a record.</summary>
    public const int Longest = 1 << 24;

    private const string Separators = ",;\t";
    private const string Ends = "\r\n\0";
    private const int None = -1;

    private readonly char[] buffer = new char[1 << 14];
    private readonly StringBuilder value = new();
    private string ends = Separators + Ends;
    private char? separator;
    private int at, filled, line = 1, column, length;

    /// <summary>The line in which the latest record begins, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Reads the next record that is not an empty line.</summary>
    /// <param name="most">The most values that it may have.</param>
    /// <param name="into">Takes its values.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="FormatException">It has more values, is too long, or is no such text; the message says where.</exception>
    public bool Read(int most, List<string> into)
    {
        do
        {
            if (!Any()) return false;
            into.Clear();
            (Line, length) = (line, 0);
            Record(most, into);
        }
        while (into is [""]);
        return true;
    }

    private void Record(int most, List<string> into)
    {
        while (true)
        {
            value.Clear();
            if (Any() && buffer[at] == '"') Quoted();
            else Plain(ends);
            into.Add(value.ToString());
            switch (Take())
            {
                case None:
                    return;
                case '\n' or '\r':
                    // In the first record any separator ends a value; from then on only its own.
                    ends = separator + Ends;
                    return;
                case var c when Separators.Contains((char)c) && (separator is null || separator == c):
                    separator = (char)c;
                    if (into.Count == most) throw new FormatException($"line {Line} has more than {most} values");
                    break;
                case var c when Separators.Contains((char)c) && ends.Contains((char)c):
                    throw new FormatException(
                        $"line {Line} separates names by {Shown(separator!.Value)} and by {Shown((char)c)}; use one of them, or put names that contain it in quotes");
                default:
                    throw new FormatException($"line {line}, character {column}: text after the quote that ends a value; write a quote within a value as \"\"");
            }
        }
    }

    private void Quoted()
    {
        var start = line;
        Take();
        while (true)
        {
            Plain("\"" + Ends);
            switch (Take())
            {
                case None:
                    throw new FormatException($"line {start}: a value in quotes does not end");
                case '"' when !Any() || buffer[at] != '"':
                    return;
                case '"':
                    value.Append((char)Take());
                    break;
                default:
                    value.Append('\n');
                    break;
            }
        }
    }

    /// <summary>Takes characters up to the first of these.</summary>
    private void Plain(ReadOnlySpan<char> until)
    {
        while (Any())
        {
            var rest = buffer.AsSpan(at, filled - at);
            var end = rest.IndexOfAny(until);
            var some = end < 0 ? rest : rest[..end];
            Pass(some.Length);
            value.Append(some);
            if (end >= 0) return;
        }
    }

    /// <summary>Takes one character: a line end as one, and none at the end of the text.</summary>
    private int Take()
    {
        if (!Any()) return None;
        var c = buffer[at];
        Pass(1);
        if (c == '\0') throw new FormatException($"line {line}, character {column}: a NUL, so this is no text");
        if (c is not ('\r' or '\n')) return c;
        if (c == '\r' && Any() && buffer[at] == '\n') at++;
        (line, column) = (line + 1, 0);
        return c;
    }

    private void Pass(int count)
    {
        at += count;
        column += count;
        length += count;
        if (length > Longest) throw new FormatException($"line {Line} has more than {Longest} characters");
    }

    /// <summary>Whether there is another character.</summary>
    private bool Any()
    {
        if (at < filled) return true;
        (at, filled) = (0, text.Read(buffer, 0, buffer.Length));
        return filled > 0;
    }

    private static string Shown(char separator) => separator == '\t' ? "tab" : $"'{separator}'";
}
