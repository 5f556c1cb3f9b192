using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Plastic.Host;

/// <summary>
/// Reads some numbers of a line of JSON, and nothing else: the thousands of lines of hundreds of runs are read when the page is opened, and
/// a line that is damaged is left out. The code is compiled for speed at once, since it is soon done.
/// </summary>
/// <param name="names">The names of the members.</param>
internal sealed class NumberLine(params string[] names)
{
    // No loss, time or norm is as large; and sums of squares of what is smaller are finite.
    private const double Largest = 1e50;

    private readonly byte[][] names = [.. names.Select(System.Text.Encoding.UTF8.GetBytes)];

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="found">Receives a number for each name: NaN where there is none, or one that no run can have logged, beyond ±1e50.</param>
    /// <returns>Whether it is a line of JSON.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryRead(ReadOnlySpan<byte> line, Span<double> found)
    {
        found.Fill(double.NaN);
        try
        {
            var reader = new Utf8JsonReader(line);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                var at = 0;
                while (at < names.Length && !reader.ValueTextEquals(names[at])) at++;
                if (!reader.Read() || at == names.Length || reader.TokenType != JsonTokenType.Number) continue;
                if (reader.TryGetDouble(out var value) && Math.Abs(value) <= Largest) found[at] = value;
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
