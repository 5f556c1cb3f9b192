using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// How many batches ranks evaluate between two exchanges. An exchange brings a wish to stop to all, so a round should last a few seconds
/// however large the network is: it grows and shrinks with the time that rank 0 measures, and has the same length on all ranks. Results do not depend on it.
/// </summary>
/// <param name="team">The ranks.</param>
/// <param name="most">How many batches one rank evaluates side by side, at most.</param>
internal sealed class Rounds(Team team, int most)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2), Long = TimeSpan.FromSeconds(5);

    private int each = team.Count == 1 ? most : 1;

    /// <summary>The batches of a round, of all ranks together.</summary>
    public int Batches => team.Count * each;

    /// <summary>Fits the next rounds to the time that one took.</summary>
    /// <param name="batches">The batches that it had: the last round of an evaluation may have fewer.</param>
    /// <param name="time">Its time, with the exchange.</param>
    public void Ended(int batches, TimeSpan time)
    {
        if (team.Count == 1 || batches < Batches) return;
        Span<int> next = [time < Short ? Math.Min(2 * each, most) : time > Long ? Math.Max(1, each / 2) : each];
        team.Broadcast(next, 0);
        each = next[0];
    }
}
