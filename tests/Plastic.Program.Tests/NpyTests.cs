using System.IO.Compression;
using System.Text;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Arrays of NumPy: every type, order and version of the format, and what is refused, with bytes made here.</summary>
public sealed class NpyTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-npy-");

    private string Target => Path.Combine(folder.FullName, "a.npz");

    public void Dispose() => folder.Delete(recursive: true);

    public static TheoryData<string, string, double[]> Types => new()
    {
        { "<f2", "003c 00c0", [1, -2] },
        { ">f2", "3c00 c000", [1, -2] },
        { "<f4", "0000803f 000000c0", [1, -2] },
        { ">f4", "3f800000 c0000000", [1, -2] },
        { "<f8", "000000000000f03f 00000000000000c0", [1, -2] },
        { ">f8", "3ff0000000000000 c000000000000000", [1, -2] },
        { "|i1", "01 fe", [1, -2] },
        { "<i2", "0100 feff", [1, -2] },
        { ">i2", "0001 fffe", [1, -2] },
        { "<i4", "01000000 feffffff", [1, -2] },
        { ">i4", "00000001 fffffffe", [1, -2] },
        { "<i8", "0100000000000000 feffffffffffffff", [1, -2] },
        { ">i8", "0000000000000001 fffffffffffffffe", [1, -2] },
        { "|u1", "01 fe", [1, 254] },
        { "<u2", "0100 feff", [1, 65534] },
        { ">u2", "0001 fffe", [1, 65534] },
        { "<u4", "01000000 feffffff", [1, 4294967294] },
        { ">u4", "00000001 fffffffe", [1, 4294967294] },
        { "<u8", "0100000000000000 0000000000000080", [1, 9223372036854775808] },
        { ">u8", "0000000000000001 8000000000000000", [1, 9223372036854775808] },
        { "|b1", "01 00", [1, 0] },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_is_read_as_numbers(string descr, string hex, double[] expected)
    {
        var read = Read(Array($"{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}", Convert.FromHexString(hex.Replace(" ", ""))));
        Assert.Equal(expected, Numbers(read));
        Assert.Equal([2], read.Shape);
        Assert.Equal(descr[1] != 'f', read.IsWhole);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_version_is_read(byte version) =>
        Assert.Equal([1, 2, 3], Numbers(Read(Array("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", [1, 2, 3], version))));

    [Theory]
    [InlineData("{'shape':(2,3),'fortran_order':True,\"descr\":\"|u1\"}")]
    [InlineData("{ 'descr' : '|u1' , 'shape' : (2, 3, ) , 'fortran_order' : True , }  \n")]
    public void Fortran_order_becomes_C_order_and_keys_have_any_order(string header)
    {
        var read = Read(Array(header, [1, 4, 2, 5, 3, 6]));
        Assert.Equal([1, 2, 3, 4, 5, 6], Numbers(read));
        Assert.Equal([2, 3], read.Shape);
    }

    [Fact]
    public void Fortran_order_of_many_axes()
    {
        int[] shape = [2, 3, 1, 4];
        var bytes = new byte[24];
        // Element [i, j, 0, l] is 100 i + 10 j + l, at i + 2 j + 6 l in Fortran order.
        foreach (var (i, j, l) in from i in Enumerable.Range(0, 2) from j in Enumerable.Range(0, 3) from l in Enumerable.Range(0, 4) select (i, j, l))
        {
            bytes[i + 2 * j + 6 * l] = (byte)(100 * i + 10 * j + l);
        }
        var read = Read(Array($"{{'descr': '|u1', 'fortran_order': True, 'shape': ({string.Join(", ", shape)}), }}", bytes));
        Assert.Equal(from i in Enumerable.Range(0, 2) from j in Enumerable.Range(0, 3) from l in Enumerable.Range(0, 4) select 100.0 * i + 10 * j + l, Numbers(read));
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "dtype |O is not supported")]
    [InlineData("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", "astype")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "records")]
    [InlineData("{'descr': '<f16', 'fortran_order': False, 'shape': (2,), }", "dtype <f16")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", "shape [3] does not fill 2 bytes")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (65536, 65536, 65536), }", "does not fill")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (-2,), }", "expected a length")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (2), }", "not a tuple")]
    [InlineData("{'descr': '|u1', 'fortran_order': __import__('os'), 'shape': (2,), }", "expected True or False")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, }", "lacks")]
    [InlineData("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", "descr is unknown or repeated")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), } + 1", "more than one")]
    public void Another_header_is_refused(string header, string word) =>
        Assert.Contains(word, Assert.Throws<FormatException>(() => Read(Array(header, [1, 2]))).Message);

    [Fact]
    public void What_is_written_reads_back_and_the_same_arrays_give_the_same_bytes()
    {
        NamedTensor[] tensors = [new("a", [2, 3], new float[] { 1, 2, float.NaN, -0f, 5, 6 }), new("b", [], new[] { Math.PI }), new("c", [0, 4], System.Array.Empty<double>())];
        Npz.Write(Target, tensors, []);
        var read = Npz.Read(Target);
        Assert.Equal(tensors.Select(t => t.Name), read.Select(t => t.Name));
        foreach (var (one, other) in tensors.Zip(read))
        {
            Assert.Equal(one.Shape, other.Shape);
            Assert.Equal(one.Data.GetType(), other.Data.GetType());
            Assert.Equal(Numbers(one).Select(BitConverter.DoubleToInt64Bits), Numbers(other).Select(BitConverter.DoubleToInt64Bits));
        }
        var before = File.ReadAllBytes(Target);
        Npz.Write(Target, tensors, []);
        Assert.Equal(before, File.ReadAllBytes(Target));
        Assert.Single(folder.GetFiles());
    }

    [Fact]
    public void A_zip_bomb_is_refused_before_memory_is_allotted()
    {
        // 64 MB of zeros in 64 kB, whose header promises less, or whose directory promises more than any data compress to.
        var bomb = Zip(("x.npy", [.. Array("{'descr': '|u1', 'fortran_order': False, 'shape': (10,), }", []), .. new byte[64 << 20]]));
        RefusedWithin(1 << 20, bomb, "x: shape [10] does not fill");
        var whole = Zip(("x.npy", Array("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999,), }", new byte[80])));
        // The uncompressed length in the directory, whose signature is PK\1\2.
        var at = whole.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.GetBytes(799_999_999).CopyTo(whole, at + 24);
        RefusedWithin(1 << 20, whole, "no data compresses that well");
    }

    [Fact]
    public void A_changed_byte_of_an_array_is_noticed()
    {
        var bytes = Zip(("x.npy", Array("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", new byte[24])), CompressionLevel.NoCompression);
        var at = bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        bytes[at - 5] ^= 1;
        RefusedWithin(1 << 20, bytes, "wrong CRC");
    }

    [Fact]
    public void Other_members_are_refused_by_name()
    {
        RefusedWithin(1 << 20, Zip(("notes.txt", [1, 2])), "notes.txt: not an .npy array");
        RefusedWithin(1 << 20, Zip(("x.npy", [1, 2])), "x: ");
        RefusedWithin(1 << 20, [1, 2, 3], "not a valid .npz file");
    }

    private void RefusedWithin(long limit, byte[] bytes, string words)
    {
        File.WriteAllBytes(Target, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Assert.Throws<PlasticException>(() => Npz.Read(Target));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, limit);
        Assert.Equal(ExitCode.BadData, fault.Code);
        Assert.Contains(words, fault.Message);
    }

    private static byte[] Zip((string Name, byte[] Content) entry, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var stream = zip.CreateEntry(entry.Name, level).Open();
            stream.Write(entry.Content);
        }
        return memory.ToArray();
    }

    private static byte[] Array(string header, byte[] data, byte version = 1)
    {
        var text = Encoding.ASCII.GetBytes(header);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }

    private static NamedTensor Read(byte[] bytes) => Npy.Read("x", new MemoryStream(bytes), bytes.Length);

    private static IEnumerable<double> Numbers(NamedTensor tensor) =>
        tensor.Data as double[] ?? ((float[])tensor.Data).Select(x => (double)x);
}
