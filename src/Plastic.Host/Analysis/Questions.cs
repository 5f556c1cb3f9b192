namespace Plastic.Host;

/// <summary>
/// Questions that a task asks: steps that count in the loss, whose target is not in their own input, so that it takes a memory to answer.
/// The answer to a question with input x is read from F ⊗ x: the readout is linear in F for each x, as the current Fᵀx is that a layer
/// gives. The products of such vectors are ⟨F_a, F_b⟩·⟨x_a, x_b⟩, with both less their means.
/// </summary>
internal sealed class Questions
{
    /// <summary>The input has its target where a linear readout from it reaches this R².</summary>
    public const double AnsweredByInput = 0.5;

    private readonly int[] episodeOf, parts, places;
    private readonly double[] inputs;
    private readonly ReadNumbers[] answers;

    private Questions(AnalysedEpisodes episodes, (int Episode, int Step)[] asked)
    {
        episodeOf = [.. asked.Select(one => one.Episode)];
        parts = [.. asked.Select(one => one.Episode % HeldOut.Parts)];
        places = [.. Enumerable.Range(0, asked.Length)];
        inputs = Centred(Products(asked.Length, episodes.Inputs, (q, to) => episodes.Input(asked[q].Episode, asked[q].Step).CopyTo(to)), asked.Length);
        answers = [new ReadNumbers(-1, episodes.Outputs, places, (q, k) => episodes.Target(asked[q].Episode, asked[q].Step)[k])];
    }

    /// <summary>How many there are.</summary>
    public int Count => places.Length;

    /// <summary>
    /// One question of each episode, so that no readout is fitted, nor its λ chosen, with another question of an episode that it is tested
    /// on; null where no input differs between them, or there are too few.
    /// </summary>
    public static Questions? Of(AnalysedEpisodes episodes)
    {
        int[] steps = [.. ReadNumbers.Targets(episodes).Where(target => target.Episodes.Length >= EpisodeReadout.LeastEpisodes)
            .Where(target => IsAsked(episodes, target)).Select(target => target.Step)];
        if (steps.Length == 0) return null;
        // Every part has questions of every step.
        (int Episode, int Step)[] asked =
        [
            .. Enumerable.Range(0, episodes.Count).Select(e => (Episode: e, Step: steps[e / HeldOut.Parts % steps.Length]))
                .Where(one => episodes.Length(one.Episode) > one.Step && episodes.Weight(one.Episode, one.Step) > 0),
        ];
        return asked.Length >= EpisodeReadout.LeastEpisodes ? new Questions(episodes, asked) : null;
    }

    /// <summary>How well the answers are read.</summary>
    /// <param name="products">The products of what a source carries, [episode, episode].</param>
    /// <param name="episodes">How many episodes there are.</param>
    public ReadQuality Read(double[] products, int episodes)
    {
        var centred = Centred(products, episodes);
        var keyed = new double[Count * Count];
        for (var a = 0; a < Count; a++)
        {
            for (var b = 0; b < Count; b++) keyed[a * Count + b] = centred[episodeOf[a] * episodes + episodeOf[b]] * inputs[a * Count + b];
        }
        return HeldOut.Qualities(keyed, Count, places, parts, answers)[0];
    }

    /// <summary>Whether the inputs of a step differ, and do not have its target.</summary>
    private static bool IsAsked(AnalysedEpisodes episodes, ReadNumbers target)
    {
        var those = target.Episodes;
        var products = Products(those.Length, episodes.Inputs, (k, to) => episodes.Input(those[k], target.Step).CopyTo(to));
        var size = Enumerable.Range(0, those.Length).Sum(k => products[k * those.Length + k]);
        var varying = Centred(products, those.Length);
        if (!(Enumerable.Range(0, those.Length).Sum(k => varying[k * those.Length + k]) > 1e-12 * size)) return false;
        int[] places = [.. Enumerable.Range(0, those.Length)];
        var numbers = new ReadNumbers(target.Step, target.Width, places, (k, number) => target.Of(those[k], number));
        return HeldOut.Qualities(products, those.Length, places, [.. those.Select(e => e % HeldOut.Parts)], [numbers])[0].Whole < AnsweredByInput;
    }

    private static double[] Products(int count, int length, Action<int, double[]> fill)
    {
        var vectors = new double[count][];
        for (var k = 0; k < count; k++) fill(k, vectors[k] = new double[length]);
        var products = new double[count * count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j <= i; j++) products[i * count + j] = products[j * count + i] = FixedDot.Of(vectors[i], vectors[j]);
        }
        return products;
    }

    /// <summary>The products of the same vectors less their mean.</summary>
    private static double[] Centred(double[] products, int count)
    {
        double[] means = [.. Enumerable.Range(0, count).Select(i => products.AsSpan(i * count, count).ToArray().Sum() / count)];
        var mean = means.Sum() / count;
        var centred = new double[count * count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++) centred[i * count + j] = products[i * count + j] - means[i] - means[j] + mean;
        }
        return centred;
    }
}
