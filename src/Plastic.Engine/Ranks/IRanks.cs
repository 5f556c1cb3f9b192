namespace Plastic.Engine;

/// <summary>
/// Several processes that work on one thing together, as one of them sees them. Each makes the same calls in the same order, all from the
/// thread that began.
/// </summary>
public interface IRanks : IDisposable
{
    /// <summary>The number of this process: 0 … <see cref="Count"/> − 1.</summary>
    int Rank { get; }

    /// <summary>How many they are, at least 1.</summary>
    int Count { get; }

    /// <summary>Sends bytes to another rank, which receives as many.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="to">The rank that receives them.</param>
    void Send(ReadOnlySpan<byte> bytes, int to);

    /// <summary>Receives bytes from another rank; waits for them.</summary>
    /// <param name="bytes">Where they go: as many as that rank sends.</param>
    /// <param name="from">The rank that sends them.</param>
    void Receive(Span<byte> bytes, int from);

    /// <summary>Brings the bytes of one rank to all.</summary>
    /// <param name="bytes">What is sent, at that rank; where it goes, at the others.</param>
    /// <param name="from">The rank that has them.</param>
    void Broadcast(Span<byte> bytes, int from);

    /// <summary>Brings a part of every rank to all, in the order of ranks.</summary>
    /// <param name="own">The part of this rank, of the same length at all.</param>
    /// <param name="all">Where the parts go: <see cref="Count"/> times that length.</param>
    void Gather(ReadOnlySpan<byte> own, Span<byte> all);

    /// <summary>Ends all processes at once, this one too, when they cannot agree to end.</summary>
    /// <param name="code">What the launcher returns.</param>
    void Abort(int code);
}
