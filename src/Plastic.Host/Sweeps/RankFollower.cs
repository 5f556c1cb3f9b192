using Plastic.CommandLine;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>A rank other than the first: trains what the first begins, and writes nothing.</summary>
internal static class RankFollower
{
    /// <summary>Follows until the first rank has done all, and returns its exit code.</summary>
    /// <param name="team">The ranks.</param>
    /// <param name="resources">What this rank may use of its machine.</param>
    /// <param name="runOf">A run of the command by its place.</param>
    /// <exception cref="PlasticException">This rank has another rule, task or data than the first, or too little memory.</exception>
    public static ExitCode Run(Team team, Resources resources, Func<int, Run> runOf)
    {
        using var interruption = new Interruption();
        team.Wish = interruption.Wish;
        var networks = new Networks();
        while (true)
        {
            var order = RankOrder.Take(team);
            if (order.Place < 0) return (ExitCode)order.Code;
            var run = order.Of(runOf(order.Place));
            var share = new MachineShare(resources, 1, [run], isTest: false, networks);
            share.RequireMemory("fewer --threads, or fewer ranks on a machine");
            using var crew = new Crew(share.Threads);
            using var trainer = new Trainer(run, networks.Of(run), crew, resources.History(), team: team);
            team.Renew();
            try
            {
                trainer.Run(new Watchers(), team.Stop);
            }
            catch (Exception thrown) when (RankLeader.AllKnow(thrown))
            {
                // The first rank says so.
            }
        }
    }
}
