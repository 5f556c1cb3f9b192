using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Resized images are those of Pillow 9.4 with LANCZOS, byte for byte.</summary>
public sealed class ResamplingTests
{
    [Theory]
    [InlineData(7, 5, 4, "3e66b4678ccc4fcfc47ed795a0979f4a4b89a36676a1b88a819762274473514d7fa56c54849a936465743e256383a1a0")]
    [InlineData(9, 20, 8, "5d68b5666d93b47e7a6de5a15a86a67b968c588b66453c74ac987665a1999e59925c85554a4277b87290595bacd57692845c8d91bd7c5a477686335f82c39fc6d747675da5666270b1575c42c8c69ed288643a86713c5e7db9888967878473b4b2574d8f73c080454d507b538c629da18f6a7ba3a57b5abc597c5a90a46b996f60aae3707d87a77d796aa7694c685a4487a4ee76b09a634d5ca482556186958b63c57b894c6a7d537a77776e82a692834ba0b965677757ad81d9c37a82755732")]
    [InlineData(3, 4, 6, "0215991631ad535dc98474c78262a97b53950072cd0f88df42aaf363b1d35a989850867522f9f23afff55afff155f7c92fc19a15a08085ffbe97ffa8a9ff8986da92488bbe235ed99fc0c497af9e89936788776793729f9b71c58c86e17163ba50327a733b5dc07878ee9f8e")]
    public void Bytes_are_those_of_Pillow(int width, int height, int side, string expected)
    {
        var into = new byte[side * side * 3];
        Resampling.Square(Made(width, height), side, into);
        Assert.Equal(expected, Convert.ToHexStringLower(into));
    }

    [Fact]
    public void An_even_image_stays_even()
    {
        var into = new byte[32 * 32 * 3];
        Resampling.Square(new PixelImage(50, 41, [.. Enumerable.Repeat((byte)77, 50 * 41 * 3)]), 32, into);
        Assert.All(into, value => Assert.Equal(77, value));
    }

    /// <summary>Byte k is (37 k² + 11 k) mod 256.</summary>
    private static PixelImage Made(int width, int height) =>
        new(width, height, [.. Enumerable.Range(0, width * height * 3).Select(k => (byte)(37 * k * k + 11 * k))]);
}
