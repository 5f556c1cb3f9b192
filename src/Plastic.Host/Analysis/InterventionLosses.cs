using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>The losses of episodes under an intervention.</summary>
/// <param name="BySteps">The mean over episodes of each step's share in the loss of its episode, [step]; their sum is the mean loss.</param>
/// <param name="ByEpisode">The loss of each episode.</param>
internal sealed record EpisodeLosses(double[] BySteps, double[] ByEpisode)
{
    /// <summary>The mean over the episodes, with its standard error.</summary>
    public Mean Loss => Mean.Of(ByEpisode);

    /// <summary>How much more it is than another, episode by episode.</summary>
    public Mean Beyond(EpisodeLosses other) => Mean.Of([.. ByEpisode.Zip(other.ByEpisode, (mine, theirs) => mine - theirs)]);
}

/// <summary>The test loss of a network with its plasticity frozen, its memory reset, or a layer's plasticity removed.</summary>
internal sealed class InterventionLosses
{
    /// <summary>The most steps at which it intervenes.</summary>
    public const int MostSteps = 40;

    private readonly AnalysedEpisodes episodes;
    private readonly PlasticNetwork network;
    private readonly IExecutor executor;
    private readonly float[][] weights;
    private readonly CancellationToken stop;

    /// <summary>Runs the episodes under all interventions.</summary>
    /// <param name="episodes">The episodes.</param>
    /// <param name="network">The network.</param>
    /// <param name="executor">Runs its Program under interventions, without its encoder.</param>
    /// <param name="weights">The weights of that part.</param>
    /// <param name="stop">Checked at every step.</param>
    public InterventionLosses(AnalysedEpisodes episodes, PlasticNetwork network, IExecutor executor, float[][] weights, CancellationToken stop)
    {
        (this.episodes, this.network, this.executor, this.weights, this.stop) = (episodes, network, executor, weights, stop);
        var at = EpisodeSteps.Spaced(episodes.Steps, MostSteps);
        At = at[0] == 1 ? [.. at.Select(step => step - 1)] : [0, .. at[1..].Select(step => step - 1)];
        Intact = Of();
        Frozen = Each(Intervention.NewFrozenFrom);
        FastReset = Each(Intervention.NewFastWeightsReset);
        StatesReset = HasStates ? Each(Intervention.NewStatesReset) : [];
        WithoutLayer = [.. network.PlasticSynapses.Select(layer => (layer.Name, Of(Intervention.NewWithoutPlasticity(layer.Name))))];
    }

    /// <summary>The steps from or before which it intervenes, from 0.</summary>
    public int[] At { get; }

    /// <summary>Without intervention.</summary>
    public EpisodeLosses Intact { get; }

    /// <summary>Without learning from each of the steps on.</summary>
    public IReadOnlyList<EpisodeLosses> Frozen { get; }

    /// <summary>With the fast weights 0 at the start of each of the steps.</summary>
    public IReadOnlyList<EpisodeLosses> FastReset { get; }

    /// <summary>With h (and c) 0 at the start of each of the steps; empty for a network without such states.</summary>
    public IReadOnlyList<EpisodeLosses> StatesReset { get; }

    /// <summary>Without the fast weights of each layer.</summary>
    public IReadOnlyList<(string Layer, EpisodeLosses Losses)> WithoutLayer { get; }

    /// <summary>Without any fast weights: frozen from the first step on.</summary>
    public EpisodeLosses WithoutAny => Frozen[0];

    private bool HasStates => ReadSource.Of(network).Any(source => !source.IsFast);

    private EpisodeLosses[] Each(Func<int, Intervention> intervention) => [.. At.Select(step => Of(intervention(step)))];

    private EpisodeLosses Of(params Intervention[] interventions)
    {
        Batch[] batches = [.. episodes.Batches.Select(batch => network.Under(batch, interventions))];
        var outputs = Array.ConvertAll(batches, batch =>
            (IReadOnlyDictionary<string, double[]>)new Dictionary<string, double[]> { ["loss"] = new double[batch.Size * batch.Steps] });
        executor.EvaluateEach(weights, batches, new double[batches.Length], outputs, stop);
        double[] byStep = new double[episodes.Steps], byEpisode = new double[episodes.Count];
        for (var e = 0; e < episodes.Count; e++)
        {
            var (batch, sample) = episodes.Places[e];
            // The step's losses are shares of its batch's mean.
            var share = batches[batch].Size / episodes.Whole(e);
            for (var t = 0; t < episodes.Steps; t++)
            {
                var loss = share * outputs[batch]["loss"][sample * episodes.Steps + t];
                byEpisode[e] += loss;
                byStep[t] += loss / episodes.Count;
            }
        }
        return new EpisodeLosses(byStep, byEpisode);
    }
}
