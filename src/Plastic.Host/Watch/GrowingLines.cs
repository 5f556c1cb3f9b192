namespace Plastic.Host;

/// <summary>
/// Reads a file that lines are added to, from where it was last read. A line without its end waits for it. A run that is resumed cuts its
/// file: then it is shorter, or its last line that was read is another one, and it is read again from its start.
/// </summary>
/// <param name="file">The file.</param>
internal sealed class GrowingLines(string file)
{
    private long offset;
    private byte[] last = [];

    /// <summary>Reads the lines that are new.</summary>
    /// <param name="restart">Called before lines that were read are read again.</param>
    /// <param name="line">Called with each line, without its end.</param>
    /// <returns>Whether there were any.</returns>
    public bool Read(Action restart, Action<ReadOnlySpan<byte>> line)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            var isCut = stream.Length < offset || !HasLast(stream);
            if (isCut)
            {
                (offset, last) = (0, []);
                restart();
            }
            stream.Position = offset;
            var bytes = new byte[(int)Math.Min(int.MaxValue / 2, stream.Length - offset)];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Give(bytes.AsSpan(0, length), line) || isCut;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It is gone, or being replaced: the next time.
            return false;
        }
    }

    private bool Give(ReadOnlySpan<byte> bytes, Action<ReadOnlySpan<byte>> line)
    {
        var whole = bytes[..(bytes.LastIndexOf((byte)'\n') + 1)];
        if (whole.IsEmpty) return false;
        for (var rest = whole; !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end > 0) line(rest[..end]);
            if (end + 1 == rest.Length) last = rest.ToArray();
            rest = rest[(end + 1)..];
        }
        offset += whole.Length;
        return true;
    }

    private bool HasLast(FileStream stream)
    {
        if (last.Length == 0) return true;
        stream.Position = offset - last.Length;
        var found = new byte[last.Length];
        return stream.ReadAtLeast(found, found.Length, throwOnEndOfStream: false) == found.Length && found.AsSpan().SequenceEqual(last);
    }
}
