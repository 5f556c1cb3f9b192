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
        var line = Encoding.UTF8.GetBytes(first == team.Rank ? failure!.Line : "");
        Span<int> length = [line.Length];
        team.Broadcast(length, first);
        if (first != team.Rank) line = new byte[length[0]];
        team.Broadcast<byte>(line, first);
        throw new PlasticException((ExitCode)codes[first], Encoding.UTF8.GetString(line)) { IsAgreed = true };
    }
}
