using System.Text;
using System.Text.RegularExpressions;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Lines of progress at the bottom of a terminal, read from a screen that does what a terminal does.</summary>
public sealed partial class LiveLinesTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void Results_never_lie_on_the_remains_of_progress(int width)
    {
        var screen = new Screen(width, 12);
        var live = new LiveLines(screen, () => (screen.Width, 12));
        var output = new Output(screen, screen) { Live = live };
        var expected = new List<string>();
        for (var step = 0; step < 60; step++)
        {
            live.Show([.. Enumerable.Range(0, 1 + step % 3).Select(k => Line($"RNN,gradient,lr=0.00{k} seed {k}", step).Text(width - 1)), $"{step} of 60"]);
            if (step % 7 != 3) continue;
            expected.Add($"result {step}");
            if (step % 2 == 0) output.Result(expected[^1]);
            else output.Message(expected[^1]);
        }
        Assert.Equal("59 of 60", screen.Lines[^1]);
        live.Show([]);
        output.Result("the end");
        Assert.Equal([.. expected, "the end"], screen.Lines);
    }

    [Fact]
    public void A_window_that_becomes_narrower_keeps_nothing_of_the_lines()
    {
        var screen = new Screen(100, 20);
        var live = new LiveLines(screen, () => (screen.Width, 20));
        live.Show([new string('a', 99), new string('b', 99)]);
        screen.Narrow(30);
        live.Show(["c"]);
        Assert.Equal(["c"], screen.Lines);
    }

    [Fact]
    public void More_lines_than_the_window_has_are_left_out()
    {
        var screen = new Screen(20, 5);
        var live = new LiveLines(screen, () => (20, 5));
        for (var k = 0; k < 3; k++) live.Show([.. Enumerable.Range(0, 9).Select(run => $"run {run}")]);
        Assert.Equal(["run 0", "run 1", "run 2", "run 3"], screen.Lines);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(39)]
    [InlineData(60)]
    [InlineData(79)]
    [InlineData(119)]
    [InlineData(199)]
    public void A_line_of_any_width_names_its_run_and_its_share(int width)
    {
        var text = Line("LSTM,neuromodulated,modulation=true,delay=20 seed 3", 41).Text(width);
        Assert.InRange(text.Length, 1, width);
        Assert.Matches(@"^LSTM.*seed 3 .* 70%", text);
        Assert.Equal(width >= 60, text.Contains("validation 0.1234"));
        Assert.Equal(width >= 39, text.Contains("1:12 left"));
        Assert.Equal(width >= 199, text.Contains("83.1 steps/s"));
    }

    private static ProgressLine Line(string name, int step) => new(name, step + 1, 60, 0.2345, 0.1234, "83.1 steps/s", "1:12 left");

    /// <summary>The screen of a terminal: writes letters, begins new lines, moves up, and removes what follows.</summary>
    private sealed partial class Screen(int width, int height) : StringWriter
    {
        private readonly List<StringBuilder> rows = [new()];
        private int row, column;

        public int Width { get; private set; } = width;

        public string[] Lines => [.. rows.Select(line => line.ToString().TrimEnd()).Where(line => line.Length > 0)];

        public override void Write(char value) => Write(value.ToString());

        public override void Write(StringBuilder? value) => Write(value?.ToString());

        public override void WriteLine(string? value) => Write(value + "\n");

        public override void Write(string? value)
        {
            foreach (Match piece in Pieces().Matches(value ?? ""))
            {
                switch (piece.Value)
                {
                    case "\n":
                        Down();
                        column = 0;
                        break;
                    case "\r":
                        column = 0;
                        break;
                    case "\e[J":
                        rows[row].Length = Math.Min(rows[row].Length, column);
                        rows.RemoveRange(row + 1, rows.Count - row - 1);
                        break;
                    case ['\e', '[', .. var count, 'A']:
                        // No further than the window's first row.
                        row = Math.Max(Math.Max(0, rows.Count - height), row - int.Parse(count));
                        break;
                    case [var letter]:
                        if (column == Width) (column, _) = (0, Down());
                        var line = rows[row].Append(' ', Math.Max(0, column + 1 - rows[row].Length));
                        line[column++] = letter;
                        break;
                    default:
                        throw new InvalidOperationException($"an escape that this screen does not know: {piece.Value[1..]}");
                }
            }
        }

        /// <summary>Wraps what is there to a smaller width, as terminals do.</summary>
        public void Narrow(int width)
        {
            var wrapped = rows.SelectMany(line => line.Length == 0 ? [""] : line.ToString().Chunk(width).Select(part => new string(part))).ToArray();
            rows.Clear();
            rows.AddRange(wrapped.Select(line => new StringBuilder(line)));
            (row, Width) = (rows.Count - 1, width);
        }

        private int Down()
        {
            row++;
            if (row == rows.Count) rows.Add(new StringBuilder());
            return row;
        }

        [GeneratedRegex(@"\e\[\d*[A-Za-z]|.|\n", RegexOptions.Singleline)]
        private static partial Regex Pieces();
    }
}
