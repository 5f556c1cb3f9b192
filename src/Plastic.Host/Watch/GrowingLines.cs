namespace Plastic.Host;

/// <summary>
/// Reads a file that lines are added to, from where it was last read, in blocks. A line without its end waits for it; one that is longer
/// than any that training writes is passed over. A run that is resumed cuts its file: then it is shorter, or the end of what was read is
/// another one, and it is read again from its start.
/// </summary>
/// <param name="file">The file.</param>
internal sealed class GrowingLines(string file)
{
    private const int Block = 1 << 16, LongestLine = 1 << 20, Kept = 256;

    private long offset;
    private byte[] last = [];
    private bool isWithinLongLine;

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
                (offset, last, isWithinLongLine) = (0, [], false);
                restart();
            }
            stream.Position = offset;
            return Give(stream, line) || isCut;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It is gone, or being replaced: the next time.
            return false;
        }
    }

    private bool Give(FileStream stream, Action<ReadOnlySpan<byte>> line)
    {
        var (any, held) = (false, 0);
        var buffer = new byte[(int)Math.Clamp(stream.Length - offset, 1, Block)];
        while (stream.Read(buffer, held, buffer.Length - held) is > 0 and var count)
        {
            held += count;
            var whole = buffer.AsSpan(0, held).LastIndexOf((byte)'\n') + 1;
            any |= whole > 0;
            GiveWhole(buffer.AsSpan(0, whole), line);
            if (held - whole >= LongestLine) (whole, isWithinLongLine) = (held, true);
            if (whole > 0) last = buffer[Math.Max(0, whole - Kept)..whole];
            offset += whole;
            held -= whole;
            buffer.AsSpan(whole, held).CopyTo(buffer);
            if (held == buffer.Length) Array.Resize(ref buffer, 2 * held);
        }
        return any;
    }

    private void GiveWhole(ReadOnlySpan<byte> rest, Action<ReadOnlySpan<byte>> line)
    {
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end > 0 && !isWithinLongLine) line(rest[..end]);
            isWithinLongLine = false;
            rest = rest[(end + 1)..];
        }
    }

    private bool HasLast(FileStream stream)
    {
        if (last.Length == 0) return true;
        stream.Position = offset - last.Length;
        var found = new byte[last.Length];
        return stream.ReadAtLeast(found, found.Length, throwOnEndOfStream: false) == found.Length && found.AsSpan().SequenceEqual(last);
    }
}
