using System.Text;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Pickles are read as data; whatever would run code, or is no data, is refused.</summary>
public sealed class PickleTests
{
    [Theory]
    [InlineData("4b07", 7L)]
    [InlineData("4d0102", 513L)]
    [InlineData("4affffffff", -1L)]
    [InlineData("8a01ff", -1L)]
    [InlineData("8a0200ff", -256L)]
    [InlineData("8a00", 0L)]
    [InlineData("8a08ffffffffffffff7f", long.MaxValue)]
    [InlineData("8b0200000001ff", -255L)]
    [InlineData("88", true)]
    [InlineData("4e", null)]
    [InlineData("473ff8000000000000", 1.5)]
    [InlineData("4b074b0830", 7L)]
    public void Values_are_read(string hex, object? expected) => Assert.Equal(expected, Read(Convert.FromHexString(hex)));

    [Fact]
    public void Lists_tuples_and_dicts_hold_what_was_put_into_them()
    {
        // [1, (2, 3)] with the list in memory, then {4: the list}.
        var dict = Assert.IsType<Dictionary<object, object?>>(Read([.. "]q\0("u8, .. "K\u0001K\u0002K\u0003"u8, 0x86, .. "e0}K\u0004h\0s"u8]));
        var list = Assert.IsType<List<object?>>(dict[4L]);
        Assert.Equal(1L, list[0]);
        Assert.Equal([2L, 3L], Assert.IsType<object?[]>(list[1]));
    }

    [Theory]
    [InlineData("cos\nsystem\n(U\u0004trueeR", "it names os system, which is not data")]
    [InlineData("cbuiltins\neval\n", "it names builtins eval, which is not data")]
    [InlineData("c__builtin__\ngetattr\n", "which is not data")]
    [InlineData("cnumpy.core.multiarray\n_reconstruct\nU\u0004trueR", "calls something that is not a function")]
    [InlineData("cnumpy.core.multiarray\n_reconstruct\n)R", "calls numpy.core.multiarray _reconstruct in a way that numpy does not")]
    [InlineData("cnumpy\ndtype\n(U\u0002O8tR", "numbers of the type O8")]
    [InlineData("(ios\nsystem\n", "instruction 0x69 is not one of data")]
    [InlineData("cnumpy\nndarray\n)\u0081", "instruction 0x81 is not one of data")]
    [InlineData("]}b", "completes an object that is not an array")]
    [InlineData("Pperson\n", "instruction 0x50 is not one of data")]
    [InlineData("K\u0001K\u0002", "ends in the middle of a value")]
    [InlineData("e", "lacks a mark")]
    [InlineData("K\u0001a", "lacks a value")]
    [InlineData("K\u0001K\u0002a", "needs a list")]
    [InlineData("h\u0005", "uses memory 5, which it never set")]
    [InlineData("}(K\u0001tK\u0002s", "is not a text")]
    [InlineData("X\u00ff\u00ff\u00ff\u007f", "cut short")]
    [InlineData("\u008a\u0009123456789", "a whole number of 9 bytes")]
    public void What_is_not_data_is_refused(string instructions, string said)
    {
        var fault = Assert.Throws<FormatException>(() => Read(Encoding.Latin1.GetBytes(instructions)));
        Assert.Contains(said, fault.Message);
    }

    [Theory]
    [InlineData(-1, "does not fill")]
    [InlineData(1, "does not fill")]
    public void An_array_fills_its_shape(int more, string said)
    {
        var whole = MadePickle.OfImages(PickleStyle.Protocol4, 2, [new byte[12]], [1]);
        // The last length before the image's content.
        var at = whole.AsSpan().LastIndexOf("B\u000c\0\0\0"u8);
        whole[at + 1] = (byte)(12 + more);
        whole = more > 0 ? [.. whole[..(at + 5)], 0, .. whole[(at + 5)..]] : [.. whole[..(at + 5)], .. whole[(at + 6)..]];
        Assert.Contains(said, Assert.Throws<FormatException>(() => PickleReader.Read(new PickleFile(new MemoryStream(whole)))).Message);
    }

    [Fact]
    public void A_pickle_that_builds_ever_more_is_stopped_and_its_memory_is_bounded()
    {
        // A mark within a mark, again and again.
        Assert.Contains("nested", Assert.Throws<FormatException>(() => Read(Enumerable.Repeat((byte)'(', 5_000).ToArray())).Message);
        Assert.Contains("instructions", Assert.Throws<FormatException>(() => Read([.. Enumerable.Repeat((byte)'N', 8_000_001)])).Message);
    }

    private static object? Read(byte[] instructions) => PickleReader.Read(new PickleFile(new MemoryStream(MadePickle.Of(instructions))));
}
