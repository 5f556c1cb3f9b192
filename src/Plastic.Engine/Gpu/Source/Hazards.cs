namespace Plastic.Engine;

/// <summary>A reading or writing of a place by the threads of a group.</summary>
/// <param name="Place">The place.</param>
/// <param name="IsWrite">Whether it is written.</param>
/// <param name="IsOwn">
/// Whether each thread touches only its own elements: of a vector those i with i mod size its number, of a matrix the columns of such i.
/// </param>
internal readonly record struct Access(string Place, bool IsWrite, bool IsOwn);

/// <summary>
/// Says where a group needs a barrier: where a thread touches what another one may have written since the last barrier, or writes what
/// another one may have read or written since then. The only source of barriers within a step.
/// </summary>
internal sealed class Hazards
{
    private readonly HashSet<(string Place, bool IsWrite, bool IsOwn)> since = [];

    /// <summary>Whether some of the accesses need a barrier before them.</summary>
    public bool Need(IEnumerable<Access> accesses) => accesses.Any(Needs);

    /// <summary>Remembers accesses that no barrier has followed yet.</summary>
    public void Add(IEnumerable<Access> accesses)
    {
        foreach (var (place, isWrite, isOwn) in accesses) since.Add((place, isWrite, isOwn));
    }

    /// <summary>A barrier.</summary>
    public void Clear() => since.Clear();

    /// <summary>What no barrier has followed yet.</summary>
    public Access[] Open => [.. since.Select(seen => new Access(seen.Place, seen.IsWrite, seen.IsOwn))];

    private bool Needs(Access a) =>
        Seen(a.Place, isWrite: true, isOwn: false)
        || (!a.IsOwn && Seen(a.Place, isWrite: true, isOwn: true))
        || (a.IsWrite && (Seen(a.Place, isWrite: false, isOwn: false) || (!a.IsOwn && Seen(a.Place, isWrite: false, isOwn: true))));

    private bool Seen(string place, bool isWrite, bool isOwn) => since.Contains((place, isWrite, isOwn));
}
