using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Plastic.Host;

/// <summary>A hash of numbers in the order in which they are added, to their last bit.</summary>
internal sealed class BitsHash
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The first 16 hexadecimal digits.</summary>
    public string Text => Convert.ToHexStringLower(hash.GetCurrentHash())[..16];

    /// <summary>Adds numbers.</summary>
    public void Add(ReadOnlySpan<double> values) => hash.AppendData(MemoryMarshal.AsBytes(values));

    /// <summary>Adds a text.</summary>
    public void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
}
