using System.Text;

namespace Plastic.Host;

/// <summary>Numbers in rows and columns, for people and for programs.</summary>
internal interface ITable
{
    /// <summary>Columns before the numbers.</summary>
    int FirstNumber { get; }

    /// <summary>The texts, the head first.</summary>
    IEnumerable<string[]> Rows { get; }

    /// <summary>What the numbers are, in a sentence.</summary>
    string Note { get; }

    /// <summary>The numbers in full.</summary>
    string Csv();
}

internal static class Tables
{
    /// <summary>The table as Markdown, its note below.</summary>
    public static string Markdown(this ITable table)
    {
        var text = new StringBuilder();
        void Line(IEnumerable<string> cells) => text.Append($"| {string.Join(" | ", cells)} |\n");
        var head = table.Rows.First();
        Line(head);
        Line(head.Select((_, k) => k < table.FirstNumber ? "---" : "---:"));
        foreach (var row in table.Rows.Skip(1)) Line(row);
        return $"{text}\n{table.Note}\n";
    }
}
