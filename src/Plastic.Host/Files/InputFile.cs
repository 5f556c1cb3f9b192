namespace Plastic.Host;

/// <summary>Reads files that other programs may have written, cut short or removed.</summary>
internal static class InputFile
{
    /// <summary>All bytes of a file.</summary>
    /// <exception cref="PlasticException">It is missing, too large, or cannot be read.</exception>
    public static byte[] Bytes(string file) => Open(file, stream =>
    {
        if (!stream.CanSeek)
        {
            using var whole = new MemoryStream();
            stream.CopyTo(whole);
            return whole.ToArray();
        }
        if (stream.Length > Array.MaxLength)
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: too large to read ({stream.Length} bytes)");
        }
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    });

    /// <summary>Reads a file through a stream.</summary>
    /// <exception cref="PlasticException">It is missing, cannot be read, or becomes shorter while it is read.</exception>
    public static T Open<T>(string file, Func<Stream, T> read)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            return read(stream);
        }
        catch (Exception fault)
            when (fault is FileNotFoundException or DirectoryNotFoundException || Directory.Exists(file))
        {
            throw new PlasticException(ExitCode.MissingInput, $"{file}: no such file", fault);
        }
        catch (NotSupportedException fault)
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: a pipe, not a file", fault);
        }
        catch (EndOfStreamException fault)
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: shrank while it was read", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"{file}: cannot be read: {Failure.OneLine(fault.Message)}", fault);
        }
    }
}
