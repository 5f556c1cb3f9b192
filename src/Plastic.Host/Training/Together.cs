using System.Text;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>Work that may fail on some ranks: then it fails on all, with the line of the first, so that none waits for one that has ended.</summary>
internal static class Together
{
    /// <summary>Does this rank's part, and waits for the others.</summary>
    /// <param name="team">The ranks; all call this at the same point.</param>
    /// <param name="work">This rank's part.</param>
    /// <exception cref="PlasticException">It failed on a rank.</exception>
    public static void Do(Team team, Action work)
    {
        if (team.Count == 1)
        {
            work();
            return;
        }
        Failure? failure = null;
        try
        {
            work();
        }
        catch (Exception thrown)
        {
            failure = Failure.Of(thrown);
        }
        var codes = new double[team.Count];
        codes[team.Rank] = failure is null ? 0 : (int)failure.Code;
        team.Share(codes);
        var first = Array.FindIndex(codes, code => code != 0);
        if (first < 0) return;
        throw new PlasticException((ExitCode)codes[first], Text(team, failure?.Line ?? "", first)) { IsAgreed = true };
    }

    /// <summary>The text of one rank, at all of them.</summary>
    /// <param name="team">The ranks; all call this at the same point.</param>
    /// <param name="own">The text of this rank.</param>
    /// <param name="from">The rank whose text counts.</param>
    public static string Text(Team team, string own, int from)
    {
        var text = Encoding.UTF8.GetBytes(own);
        Span<int> length = [text.Length];
        team.Broadcast(length, from);
        if (from != team.Rank) text = new byte[length[0]];
        team.Broadcast<byte>(text, from);
        return Encoding.UTF8.GetString(text);
    }
}
