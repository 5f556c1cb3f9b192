using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>
/// The ranks that train one network together, as one of them sees them. Work is dealt out in contiguous parts, of which the first ranks
/// have the longer ones; what the parts give is put together in their order, so that no bit depends on how many ranks there are. Every
/// exchange of results also carries a wish of each rank, such as to stop, which therefore all ranks know at the same point of their work.
/// </summary>
public sealed class Team : IDisposable
{
    // Of a broadcast in one call; its length is an int.
    private const int MostBytes = 1 << 28;

    private readonly IRanks? ranks;
    private CancellationTokenSource agreement = new();
    private double[] own = [], all = [];
    private long ticks, bytes;

    /// <param name="ranks">The ranks; the team disposes of them. Null for this process alone.</param>
    public Team(IRanks? ranks = null) => this.ranks = ranks;

    /// <summary>The number of this rank.</summary>
    public int Rank => ranks?.Rank ?? 0;

    /// <summary>How many ranks there are; 1 for a process alone.</summary>
    public int Count => ranks?.Count ?? 1;

    /// <summary>What this rank wishes, asked at every exchange of results; 0 for nothing.</summary>
    public Func<int> Wish { get; set; } = () => 0;

    /// <summary>The wish that all know of: that of the first rank that had one; 0 if none had.</summary>
    public int Agreed { get; private set; }

    /// <summary>The time that this rank has spent in exchanges, waiting for others included.</summary>
    public TimeSpan Exchanged => Stopwatch.GetElapsedTime(0, ticks);

    /// <summary>The bytes that this rank has sent and received in them; of a broadcast or a gathering, those of the result.</summary>
    public long ExchangedBytes => bytes;

    /// <summary>Cancelled at the exchange after which all know of a wish.</summary>
    public CancellationToken Stop => agreement.Token;

    /// <summary>Forgets what was agreed, at the same point of all ranks' work.</summary>
    public void Renew() => (Agreed, agreement) = (0, new CancellationTokenSource());

    /// <summary>The part of this rank in a number of items.</summary>
    /// <param name="items">The number of items, ≥ 0.</param>
    public (int First, int Count) Part(int items) => Part(items, Rank);

    /// <summary>The part of a rank in a number of items; empty for the last ranks where there are fewer items than ranks.</summary>
    /// <param name="items">The number of items, ≥ 0.</param>
    /// <param name="rank">The rank.</param>
    public (int First, int Count) Part(int items, int rank)
    {
        var (each, longer) = Math.DivRem(items, Count);
        return (rank * each + Math.Min(rank, longer), each + (rank < longer ? 1 : 0));
    }

    /// <summary>Completes numbers of which every rank has written those of its part, and brings the wishes to all.</summary>
    /// <param name="values">The numbers, of all items in order.</param>
    /// <param name="perItem">How many numbers an item has; the last may have fewer.</param>
    public void Share(Span<double> values, int perItem = 1)
    {
        if (ranks is null || Count == 1) return;
        var items = (values.Length + perItem - 1) / perItem;
        var length = 1 + Part(items, 0).Count * perItem;
        if (own.Length != length) (own, all) = (new double[length], new double[length * Count]);
        own[0] = Wish();
        PartOf(values, Rank).CopyTo(own.AsSpan(1));
        var start = Stopwatch.GetTimestamp();
        ranks.Gather(MemoryMarshal.AsBytes(own.AsSpan()), MemoryMarshal.AsBytes(all.AsSpan()));
        Note(start, all.Length * sizeof(double));
        for (var rank = 0; rank < Count; rank++)
        {
            var part = PartOf(values, rank);
            all.AsSpan(rank * length + 1, part.Length).CopyTo(part);
            if (Agreed == 0) Agreed = (int)all[rank * length];
        }
        if (Agreed != 0) agreement.Cancel();

        Span<double> PartOf(Span<double> values, int rank)
        {
            var (first, count) = Part(items, rank);
            var from = Math.Min(first * perItem, values.Length);
            return values[from..Math.Min((first + count) * perItem, values.Length)];
        }
    }

    /// <summary>Brings the values of one rank to all.</summary>
    /// <typeparam name="T">What the values are.</typeparam>
    /// <param name="values">What is sent, at that rank; where it goes, at the others.</param>
    /// <param name="from">The rank that has them.</param>
    public void Broadcast<T>(Span<T> values, int from) where T : unmanaged
    {
        if (ranks is null || Count == 1) return;
        var start = Stopwatch.GetTimestamp();
        var length = (long)values.Length * Unsafe.SizeOf<T>();
        var most = MostBytes / Unsafe.SizeOf<T>();
        for (; values.Length > 0; values = values[Math.Min(most, values.Length)..])
        {
            ranks.Broadcast(MemoryMarshal.AsBytes(values[..Math.Min(most, values.Length)]), from);
        }
        Note(start, length);
    }

    /// <summary>Ends all processes at once, when they cannot agree to end.</summary>
    /// <param name="code">What the launcher returns.</param>
    public void Abort(int code) => ranks?.Abort(code);

    /// <summary>Ends the exchanges, when all ranks are done.</summary>
    public void Dispose() => ranks?.Dispose();

    /// <summary>Sends values to the next rank.</summary>
    internal void SendOn(ReadOnlySpan<float> values)
    {
        var start = Stopwatch.GetTimestamp();
        ranks!.Send(MemoryMarshal.AsBytes(values), Rank + 1);
        Note(start, (long)values.Length * sizeof(float));
    }

    /// <summary>Receives values from the rank before.</summary>
    internal void TakeOver(Span<float> values)
    {
        var start = Stopwatch.GetTimestamp();
        ranks!.Receive(MemoryMarshal.AsBytes(values), Rank - 1);
        Note(start, (long)values.Length * sizeof(float));
    }

    private void Note(long start, long length)
    {
        ticks += Stopwatch.GetTimestamp() - start;
        bytes += length;
    }
}
