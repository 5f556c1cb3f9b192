using System.Text;

namespace Plastic.Host;

/// <summary>A table of numbers, readable by people and programs.</summary>
internal interface ITable
{
    /// <summary>The number of columns before the numbers.</summary>
    int FirstNumber { get; }

    /// <summary>The texts of all rows, the header first.</summary>
    IEnumerable<string[]> Rows { get; }

    /// <summary>A sentence that explains the numbers.</summary>
    string Note { get; }

    /// <summary>The numbers in full precision, as csv.</summary>
    string Csv();

    /// <summary>The table as a figure; null for a table that is text alone.</summary>
    Picture? Picture => null;
}

internal static class Tables
{
    /// <summary>The table as Markdown, followed by its note.</summary>
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
