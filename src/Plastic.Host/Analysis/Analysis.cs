using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>What a trained network does with its plasticity in test episodes.</summary>
/// <param name="Run">The run.</param>
/// <param name="Network">Its network.</param>
/// <param name="Episodes">The episodes.</param>
/// <param name="Course">η and the size of the fast weights.</param>
/// <param name="Readout">What fast weights and states store.</param>
/// <param name="Losses">The test loss under interventions.</param>
internal sealed record Analysis(
    Run Run, PlasticNetwork Network, AnalysedEpisodes Episodes, InnerCourse Course, EpisodeReadout Readout, InterventionLosses Losses)
{
    /// <summary>Runs the episodes, and looks at everything.</summary>
    /// <param name="run">A finished run of a plastic network.</param>
    /// <param name="network">Its network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="episodes">How many episodes, at most those of the test set.</param>
    /// <param name="threads">Threads to use; they change no number.</param>
    /// <param name="historyBytes">As for <see cref="CpuExecutor"/>.</param>
    /// <param name="stop">Checked at every step.</param>
    public static Analysis Of(
        Run run, PlasticNetwork network, float[][] weights, int episodes, int threads, long historyBytes, CancellationToken stop)
    {
        using var crew = new Crew(threads);
        var drawn = AnalysedEpisodes.Of(run, network, weights, episodes, crew, stop);
        using IExecutor intact = new CpuExecutor(network.Program, crew, historyBytes);
        var own = weights[..intact.Parameters.Count];
        var parameters = Array.ConvertAll(own, p => Array.ConvertAll(p, x => (double)x));
        var course = InnerCourse.Of(drawn, network, intact, parameters, stop);
        var readout = EpisodeReadout.Of(drawn, network, intact, parameters, crew, stop);
        using var gated = new CpuExecutor(network.ProgramUnderInterventions, crew, historyBytes);
        return new Analysis(run, network, drawn, course, readout, new InterventionLosses(drawn, network, gated, own, stop));
    }

    /// <summary>The bytes of the largest array, and of everything that it takes, found without allotting them.</summary>
    public static (long Largest, long All) Bytes(Run run, PlasticNetwork network, int episodes, int threads, long historyBytes)
    {
        var products = (long)episodes * episodes * sizeof(double);
        var parts = network.PlasticSynapses.Count + network.States.Count + 1L;
        return (
            Math.Max(products, EpisodeProducts.Largest(network, episodes)),
            AnalysedEpisodes.Bytes(run, network, episodes) + EpisodeProducts.Bytes(network, episodes) + (parts + 4 * threads) * products
                + 2 * Memory.OfLooking(run, network, threads, historyBytes));
    }
}
