using System.Text;

namespace Plastic.Host;

/// <summary>
/// Lines at the bottom of a terminal that are written again as they change, while other lines are written above them. They are cut
/// to the terminal's width, and nothing of them is left when they are gone. Thread-safe.
/// </summary>
/// <param name="terminal">The terminal.</param>
/// <param name="size">Its width and height in letters, asked for each time: a window can change.</param>
internal sealed class LiveLines(TextWriter terminal, Func<(int Width, int Height)> size)
{
    private readonly Lock gate = new();
    private IReadOnlyList<string> wanted = [];
    private List<string> drawn = [];

    /// <summary>The terminal's width.</summary>
    public int Width => size().Width;

    /// <summary>Shows lines in place of those before; none to end.</summary>
    public void Show(IReadOnlyList<string> lines)
    {
        lock (gate)
        {
            wanted = lines;
            Draw(Erasure());
        }
    }

    /// <summary>Writes something above the lines.</summary>
    public void Above(Action write)
    {
        lock (gate)
        {
            if (drawn.Count > 0)
            {
                terminal.Write(Erasure());
                terminal.Flush();
                drawn = [];
            }
            write();
            Draw("");
        }
    }

    /// <summary>Back to the beginning of the first line, and everything from there on removed.</summary>
    private string Erasure()
    {
        // In a window that has become narrower, a line takes several rows.
        var width = Math.Max(1, size().Width);
        var rows = drawn.Sum(line => Math.Max(1, (line.Length + width - 1) / width));
        return rows == 0 ? "" : $"\e[{rows}A\r\e[J";
    }

    private void Draw(string before)
    {
        var (width, height) = size();
        // The last column is left free: some terminals begin a new line there. So is the last row, for the cursor.
        var lines = wanted.Take(Math.Max(1, height - 1)).Select(line => Cut(SafeText.Line(line), Math.Max(1, width - 1))).ToList();
        if (before.Length == 0 && lines.Count == 0) return;
        var text = new StringBuilder(before);
        foreach (var line in lines) text.Append(line).Append('\n');
        terminal.Write(text);
        terminal.Flush();
        drawn = lines;
    }

    private static string Cut(string line, int width) => line.Length <= width ? line : line[..(width - 1)] + "…";
}
