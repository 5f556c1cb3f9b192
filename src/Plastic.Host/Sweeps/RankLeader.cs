using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// What rank 0 tells the others. It alone decides which runs are trained, claims their folders and writes to them; the others train with it
/// what it begins, until it ends.
/// </summary>
/// <param name="team">The ranks.</param>
/// <param name="runs">The runs of the command, in the order that all ranks have.</param>
/// <param name="interruption">What stops the command; null for a process alone.</param>
internal sealed class RankLeader(Team team, IReadOnlyList<Run> runs, Interruption? interruption)
{
    // A wish that is no exit code: it ends the run, and the command goes on.
    private const int ThisRun = 1;

    /// <summary>The leader of a process alone, whom nobody follows.</summary>
    public static RankLeader Alone { get; } = new(new Team(), [], null);

    /// <summary>The ranks.</summary>
    public Team Team => team;

    /// <summary>Whether the others are training: then an error that they do not know of leaves them waiting.</summary>
    public bool IsTraining { get; private set; }

    /// <summary>Refuses what several ranks do not train.</summary>
    /// <exception cref="PlasticException">There are several ranks, and runs that train nothing or have an encoder.</exception>
    public void RequireTrainable(bool isTest)
    {
        if (team.Count == 1) return;
        if (isTest) throw new PlasticException(ExitCode.Configuration, "--ranks is for training, and these runs train nothing: leave it out");
        if (runs.FirstOrDefault(run => run.Settings.Encoder.IsSome) is { } encoded)
        {
            throw new PlasticException(
                ExitCode.Configuration,
                $"{encoded.Title} has an image encoder, whose batch norms see whole batches: one process trains it; leave out --ranks");
        }
    }

    /// <summary>All ranks train a run now.</summary>
    /// <param name="asked">The run of the command.</param>
    /// <param name="run">The same with the settings that it was started with.</param>
    /// <param name="stop">Cancelled when this rank wishes that the run stops.</param>
    /// <returns>What stops it: the same, or a wish of one rank that all know of.</returns>
    public CancellationToken Begin(Run asked, Run run, CancellationToken stop)
    {
        if (team.Count == 1) return stop;
        team.Wish = () => interruption?.Wish() is int code and > 0 ? code : stop.IsCancellationRequested ? ThisRun : 0;
        RankOrder.Give(team, RankOrder.ToTrain(runs.Index().First(one => one.Item.Equals(asked)).Index, run));
        team.Renew();
        IsTraining = true;
        return team.Stop;
    }

    /// <summary>All ranks have ended the training of that run; the command stops if one of them was told to.</summary>
    public void Ended()
    {
        IsTraining = false;
        if (team.Agreed > ThisRun) interruption?.Stop((ExitCode)team.Agreed);
    }

    /// <summary>Whether all ranks know of an error.</summary>
    public static bool AllKnow(Exception thrown) => thrown is OperationCanceledException or PlasticException { IsAgreed: true };
}
