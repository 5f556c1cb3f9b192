using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Safetensors files: the bytes follow the format's definition, and nothing else is accepted.</summary>
public sealed class SafetensorsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-tensors-");

    private string Target => Path.Combine(folder.FullName, "weights.safetensors");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void What_is_written_reads_back_bit_for_bit()
    {
        float[] singles = [0f, -0f, 1.5f, float.NaN, float.Epsilon, float.NegativeInfinity];
        double[] doubles = [Math.PI, -0.0, double.MaxValue];
        Safetensors.Write(
            Target,
            [
                new("a.weight", [2, 3], singles),
                new("step", [], new[] { 7.0 }),
                new("naïve \"β\"", [3], doubles),
                new("empty", [0, 4], Array.Empty<float>()),
            ],
            new Dictionary<string, string> { ["rule"] = "hebbian", ["note"] = "α ≤ 1" });

        var read = Safetensors.Read(Target);
        Assert.Equal(4, read.Tensors.Count);
        NamedTensor Named(string name) => read.Tensors.Single(tensor => tensor.Name == name);
        Assert.Equal([2, 3], Named("a.weight").Shape);
        Assert.Equal(
            singles.Select(BitConverter.SingleToInt32Bits),
            ((float[])Named("a.weight").Data).Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(
            doubles.Select(BitConverter.DoubleToInt64Bits),
            ((double[])Named("naïve \"β\"").Data).Select(BitConverter.DoubleToInt64Bits));
        Assert.Empty(Named("step").Shape);
        Assert.Empty((float[])Named("empty").Data);
        Assert.Equal("hebbian", read.Metadata["rule"]);
        Assert.Equal("α ≤ 1", read.Metadata["note"]);
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        Safetensors.Write(
            Target,
            [new("f", [3], new[] { 1f, 2f, -3f }), new("d", [1, 2], new[] { 0.5, 4.0 })],
            new Dictionary<string, string> { ["k"] = "v" });
        var bytes = File.ReadAllBytes(Target);
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);
        var header = Encoding.UTF8.GetString(bytes, 8, length);
        Assert.Equal('{', header[0]);
        Assert.EndsWith("}", header.TrimEnd(' '));
        var json = JsonDocument.Parse(header).RootElement;
        Assert.Equal("v", json.GetProperty("__metadata__").GetProperty("k").GetString());
        Assert.Equal("""{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]}""", json.GetProperty("d").GetRawText());
        Assert.Equal("""{"dtype":"F32","shape":[3],"data_offsets":[16,28]}""", json.GetProperty("f").GetRawText());
        var data = bytes.AsSpan(8 + length);
        Assert.Equal(28, data.Length);
        Assert.Equal("000000000000E03F" + "0000000000001040" + "0000803F" + "00000040" + "000040C0", Convert.ToHexString(data));
    }

    public static TheoryData<string, string, int> Wrong => new()
    {
        { "gap", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8 },
        { "overlap", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8 },
        { "after the last", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8 },
        { "cut short", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4 },
        { "does not fill", """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8 },
        { "does not fill", """{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}""", 8 },
        { "does not fill", """{"a":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,8]}}""", 8 },
        { "dtype BF16", """{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}}""", 8 },
        { "dtype is missing", """{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8 },
        { "data_offsets", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8 },
        { "data_offsets", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8 },
        { "whole number", """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8 },
        { "whole number", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8 },
        { "unknown", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"stride":[1]}}""", 8 },
        { "not valid JSON", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8 },
        { "not valid JSON", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8 },
        { "expected a string", """{"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8 },
        { "not a JSON object", """[1]""", 0 },
        { "not a JSON object", """ {}""", 0 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Inconsistent_content_is_refused(string because, string header, int dataBytes)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        Refused(bytes, because);
    }

    [Theory]
    [InlineData(0UL, "not a JSON object")]
    [InlineData(1_000_001UL, "at most")]
    [InlineData(ulong.MaxValue, "at most")]
    [InlineData(500UL, "cut short")]
    public void A_header_of_an_odd_length_is_refused(ulong length, string because)
    {
        var bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        Refused(bytes, because);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        Safetensors.Write(Target, [new("a", [2], new[] { 1f, 2f }), new("b", [1], new[] { 3.0 })]);
        var whole = File.ReadAllBytes(Target);
        for (var length = 0; length < whole.Length; length++) Refused(whole[..length], "cut short");
        Refused([.. whole, 0], "after the last");
    }

    [Fact]
    public void Too_many_tensors_are_refused()
    {
        var tensors = Enumerable.Range(0, 10_001).Select(k => new NamedTensor($"{k}", [0], Array.Empty<float>()));
        Safetensors.Write(Target, tensors);
        var thrown = Assert.Throws<PlasticException>(() => Safetensors.Read(Target));
        Assert.Contains("at most 10000", thrown.Message);
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing_behind()
    {
        Assert.Throws<ArgumentException>(() => Safetensors.Write(Target, [new("a", [3], new float[2])]));
        NamedTensor one = new("a", [1], new float[1]);
        Assert.Throws<ArgumentException>(() => Safetensors.Write(Target, [one, one]));
        Directory.CreateDirectory(Target);
        Assert.ThrowsAny<Exception>(() => Safetensors.Write(Target, [one]));
        Assert.Empty(folder.GetFiles());
    }

    [Fact]
    public void A_missing_file_is_missing_input()
    {
        var thrown = Assert.Throws<PlasticException>(() => Safetensors.Read(Target));
        Assert.Equal(ExitCode.MissingInput, thrown.Code);
    }

    private void Refused(byte[] bytes, string because)
    {
        File.WriteAllBytes(Target, bytes);
        var thrown = Assert.Throws<PlasticException>(() => Safetensors.Read(Target));
        Assert.Equal(ExitCode.BadData, thrown.Code);
        Assert.Contains(Target, thrown.Message);
        Assert.Contains(because, thrown.Message);
    }
}
