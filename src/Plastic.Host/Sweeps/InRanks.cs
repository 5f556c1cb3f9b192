using Plastic.CommandLine;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Runs commands on the ranks that a launcher started, or in this process alone where no ranks are asked for.</summary>
internal static class InRanks
{
    /// <summary>Work that all ranks do alike; rank 0 alone prints. Where it fails on one, all end.</summary>
    /// <param name="resources">What the command may use.</param>
    /// <param name="output">Where results and messages go.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="MpiException">No launcher started this process, or there is no library that works with it.</exception>
    public static ExitCode Run(Resources resources, Output output, Func<Team, Output, ExitCode> work)
    {
        if (resources.Ranks.Length == 0)
        {
            using var alone = new Team();
            return work(alone, output);
        }
        using var team = new Team(MpiRanks.Start());
        try
        {
            return work(team, team.Rank == 0 ? output : new Output(TextWriter.Null, TextWriter.Null) { Quiet = true });
        }
        catch (Exception thrown)
        {
            return Abort(team, thrown, output);
        }
    }

    /// <summary>Work that rank 0 leads, while the others train with it what it begins.</summary>
    /// <param name="resources">What the command may use.</param>
    /// <param name="output">Where results and messages go.</param>
    /// <param name="lead">The work of rank 0.</param>
    /// <param name="runOf">A run of the command by its place, as another rank finds it when rank 0 begins it.</param>
    /// <exception cref="MpiException">No launcher started this process, or there is no library that works with it.</exception>
    /// <exception cref="PlasticException">A launcher started several processes, and ranks are not asked for.</exception>
    public static ExitCode Lead(Resources resources, Output output, Func<Team, ExitCode> lead, Func<int, Run> runOf)
    {
        if (resources.Ranks.Length == 0)
        {
            if (Launcher.Find(Environment.GetEnvironmentVariable) is { Count: > 1 } launcher)
            {
                throw new PlasticException(
                    ExitCode.Usage,
                    $"{launcher.Name} started {launcher.Count} processes, each of which would train the same by itself: "
                    + "add --ranks mpi, so that they train together, or start one process");
            }
            return Run(resources, output, (alone, _) => lead(alone));
        }
        return Run(resources, output, (team, _) =>
        {
            if (team.Rank > 0) return RankFollower.Run(team, resources, runOf);
            ExitCode code;
            try
            {
                code = lead(team);
            }
            catch (Exception thrown)
            {
                var failure = Failure.Of(thrown);
                output.Error(failure);
                output.Detail(thrown.ToString());
                code = failure.Code;
            }
            RankOrder.Give(team, RankOrder.ToEnd(code));
            return code;
        });
    }

    /// <summary>Ends all ranks after an error that the others do not know of.</summary>
    public static ExitCode Abort(Team team, Exception thrown, Output output)
    {
        var failure = Failure.Of(thrown);
        output.Error(team.Rank == 0 ? failure : failure with { Line = $"rank {team.Rank} of {team.Count}: {failure.Line}" });
        output.Detail(thrown.ToString());
        team.Abort((int)failure.Code);
        return failure.Code;
    }

    /// <summary>
    /// Whether another process of this machine says why this one fails before the ranks have met: all do, for the same reason. Waits for it, since
    /// a launcher may end all when the first has ended.
    /// </summary>
    public static bool IsSaid(string[] words)
    {
        if (words is not ["train" or "resume", ..] && !words.Contains("--ranks")) return false;
        if (Launcher.Find(Environment.GetEnvironmentVariable) is not { Speaks: false }) return false;
        Thread.Sleep(TimeSpan.FromSeconds(1));
        return true;
    }
}
