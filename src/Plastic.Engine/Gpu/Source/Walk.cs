namespace Plastic.Engine;

/// <summary>
/// A walk along one index of a matrix for each element of the other, with connection k at hand; and what is done with the sums that it
/// leaves. Where a group has more threads than there are elements, several threads share a walk. Which thread meets which connection
/// follows from the matrix's shape alone, so a thread's connections are its own in all walks.
/// </summary>
/// <param name="Length">Elements that are walked for.</param>
/// <param name="Count">Steps of a walk.</param>
/// <param name="Body">What is done for connection k = r·length + i, in C.</param>
internal sealed record Walk(int Length, int Count, string Body)
{
    /// <summary>The variables of the element and of the step, in C.</summary>
    public (string Own, string Other) Names { get; init; } = ("i", "r");

    /// <summary>On what it depends that all of it is done; the same for all threads.</summary>
    public string? Condition { get; init; }

    /// <summary>What each thread does before it walks.</summary>
    public string Before { get; init; } = "";

    /// <summary>The sums that the body adds to.</summary>
    public string[] Sums { get; init; } = [];

    /// <summary>What the element's thread does with the sums.</summary>
    public string After { get; init; } = "";

    /// <summary>The vectors that before and body read: the own ones at element i, the others at any.</summary>
    public IEnumerable<Access> Reads { get; init; } = [];

    /// <summary>The matrices that before and body touch at connection k.</summary>
    public IEnumerable<Access> Matrices { get; init; } = [];

    /// <summary>What is touched after the sums.</summary>
    public IEnumerable<Access> Then { get; init; } = [];

    /// <summary>What before and body touch: of threads that share a walk, only one has the element's vectors as its own.</summary>
    public IEnumerable<Access> Accesses => Reads.Select(read => read with { IsOwn = read.IsOwn && Slices == 1 }).Concat(Matrices);

    /// <summary>Threads that share a walk; each takes eight steps at least.</summary>
    public int Slices => Math.Clamp(Prelude.GroupSize / Length, 1, Math.Max(1, Count / 8));
}
