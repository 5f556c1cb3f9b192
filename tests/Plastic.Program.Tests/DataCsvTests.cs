using System.Text;
using Plastic.Host;
using Plastic.Tasks;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Tables as spreadsheets write them are read, and text that is no table is refused in bounded memory, with the place.</summary>
public sealed class DataCsvTests
{
    private const string Table = """
        episode,input_a,target
        first,1,0.5
        second,-2,7

        """;

    [Theory]
    [InlineData(';')]
    [InlineData('\t')]
    public void Semicolons_and_tabs_separate_as_commas_do(char separator) =>
        Assert.Equal(Numbers(Read(Table)), Numbers(Read(Table.Replace(',', separator))));

    [Fact]
    public void Names_and_values_may_be_in_quotes()
    {
        var quoted = "\"episode\",\"input, \"\"left\"\";\",target\r\n\"a\nb\",\"1\",0.5\r\n\r\n\"a,b\",\"-2\",\"7\"";
        Assert.Equal(Numbers(Read(Table)), Numbers(Read(quoted)));
        var fault = Assert.Throws<FormatException>(() => Read(quoted.Replace("\"7\"", "\"x\"")));
        Assert.Equal("line 5, column 'target': 'x' is not a number", fault.Message);
    }

    [Theory]
    [InlineData("input_a,", "input_a;", "line 1 separates names by ',' and by ';'; use one of them")]
    [InlineData("first,1", "first,\"1", "line 2: a value in quotes does not end")]
    [InlineData("first,1", "\"first\" ,1", "line 2, character 8: text after the quote")]
    [InlineData("-2", "-\0", "line 3, character 9: a NUL")]
    [InlineData("1", "\"\0\"", "line 2, character 8: a NUL")]
    [InlineData("0.5", "\"0,5\"", "'0,5' is not a number; write decimals with a point")]
    public void What_is_no_table_is_refused_with_the_place(string from, string to, string words) =>
        Assert.Contains(words, Assert.Throws<FormatException>(() => Read(Table.Replace(from, to))).Message);

    /// <summary>The stream never ends, so this ends only where reading stops.</summary>
    [Theory]
    [InlineData("x", "line 1 has more than 16777216 characters")]
    [InlineData("episode,input,target\n\"x", "line 2 has more than 16777216 characters")]
    [InlineData(",", "line 1 has more than 100000 values")]
    [InlineData("episode,input,target\n1,", "line 2 has more than 3 values")]
    public void A_line_without_end_is_refused_in_bounded_memory(string start, string words)
    {
        using var stream = new Endless(start);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Assert.Throws<FormatException>(() => DataCsv.Read(stream, long.MaxValue));
        Assert.Equal(words, fault.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8L * CsvRecords.Longest);
    }

    [Fact]
    public void A_file_of_nothing_is_refused_at_its_first_character()
    {
        var file = Path.GetTempFileName();
        try
        {
            using (var stream = File.OpenWrite(file)) stream.SetLength(3L << 30);
            Assert.Equal(
                "line 1, character 1: a NUL, so this is no text",
                Assert.Throws<FormatException>(() => InputFile.Open(file, read => DataCsv.Read(read, long.MaxValue))).Message);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void What_does_not_fit_into_memory_is_refused_before_and_while_it_is_read()
    {
        Assert.StartsWith("needs 1 MB", Assert.Throws<FormatException>(() => Read(Table, Table.Length - 1)).Message);
        // Two bytes of the file are a number of eight, copied once.
        var many = "episode,input,target\n" + string.Concat(Enumerable.Repeat("1,0,0\n", 1000));
        Assert.Matches("^up to line [0-9]+ it needs 1 MB", Assert.Throws<FormatException>(() => Read(many, many.Length)).Message);
    }

    private static IReadOnlyList<DataArray> Read(string text, long memory = long.MaxValue)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return DataCsv.Read(stream, memory);
    }

    private static IEnumerable<double[]> Numbers(IReadOnlyList<DataArray> arrays) => arrays.Select(array => (double[])array.Numbers);

    /// <summary>A text whose last character comes again and again.</summary>
    private sealed class Endless(string start) : Stream
    {
        private long at;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => 0;
        public override long Position { get => at; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (var k = 0; k < count; k++, at++) buffer[offset + k] = (byte)start[(int)Math.Min(at, start.Length - 1)];
            return count;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
