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

    /// <summary>All bytes of what must be a file, neither a pipe nor a device, which may never end.</summary>
    /// <exception cref="PlasticException">It is missing, something else, too large, or cannot be read.</exception>
    public static byte[] Whole(string file)
    {
        RequireFile(file);
        return Bytes(file);
    }

    /// <summary>Refuses at once what is there but is no file: even to open a pipe may take forever.</summary>
    /// <exception cref="PlasticException">It is something else.</exception>
    public static void RequireFile(string file)
    {
        if (FileStatus.Of(file) is { IsFile: false, Kind: var kind })
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: {kind}, not a file");
        }
    }

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
