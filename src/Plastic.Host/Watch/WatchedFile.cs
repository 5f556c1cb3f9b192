namespace Plastic.Host;

/// <summary>A file that is read again only when it has changed.</summary>
/// <param name="path">The file.</param>
/// <param name="reads">Counts what is opened.</param>
/// <param name="longest">Its greatest length in bytes: a longer one is none that the program wrote, and counts as nothing.</param>
internal sealed class WatchedFile(string path, Counter reads, long longest = long.MaxValue)
{
    private FileMark mark = new(-2, default);
    private DateTime readAt;

    /// <summary>Whether it must be read: it has changed since the last call that said so, or may have.</summary>
    public bool HasChanged(DateTime now)
    {
        var found = FileMark.OfFile(path);
        if (mark.IsStill(found, readAt)) return false;
        (mark, readAt) = (found, now);
        if (Exists) reads.Add();
        return true;
    }

    /// <summary>Whether there is such a file.</summary>
    public bool Exists => mark.Exists && mark.Length <= longest;
}

/// <summary>Counts the files that were opened: what does not change is not read twice.</summary>
internal sealed class Counter
{
    private long count;

    /// <summary>How many.</summary>
    public long Count => Interlocked.Read(ref count);

    /// <summary>One more.</summary>
    public void Add() => Interlocked.Increment(ref count);
}
