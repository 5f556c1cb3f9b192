namespace Plastic.Host;

/// <summary>The checksum of zip files: CRC-32 (ISO 3309), polynomial 0xEDB88320.</summary>
internal struct Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n => Of((uint)n))];

    private uint state;

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var crc = ~state;
        foreach (var b in bytes) crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        state = ~crc;
    }

    /// <summary>The checksum of all bytes added.</summary>
    public readonly uint Value => state;

    private static uint Of(uint value)
    {
        for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
        return value;
    }
}
