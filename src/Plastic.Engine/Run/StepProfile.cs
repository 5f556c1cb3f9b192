using System.Diagnostics;

namespace Plastic.Engine;

/// <summary>The parts of a training step in which the executor's time is spent.</summary>
public enum StepPart
{
    /// <summary>Data, states, and everything not listed below.</summary>
    Other,

    /// <summary>Products with synapses and their updates, forward.</summary>
    Forward,

    /// <summary>Products with synapses and the adjoints of their updates, backward.</summary>
    Backward,

    /// <summary>The slow weights' gradients, a matrix product of the episode's pairs.</summary>
    WeightGradients,

    /// <summary>Operations on vectors, forward and backward.</summary>
    Vectors,
}

/// <summary>The time of one worker by part. Reads the clock only when the part changes, so that its own cost is small.</summary>
public sealed class StepProfile
{
    private readonly long[] ticks = new long[Enum.GetValues<StepPart>().Length];
    private StepPart current;
    private long since;

    internal StepProfile()
    {
    }

    /// <summary>Seconds spent on a part so far.</summary>
    /// <param name="part">The part.</param>
    public double Seconds(StepPart part) => (double)ticks[(int)part] / Stopwatch.Frequency;

    /// <summary>
    /// The share of elements that are not zero, by synapse, over one group's episode: of x and of ȳ in the pairs x ⊗ ȳ of its gradient.
    /// </summary>
    internal (double Operand, double Cotangent)[]? Densities { get; private set; }

    /// <summary>Whether the worker has run a group backward since profiling started.</summary>
    public bool HasDensities => Densities is not null;

    /// <summary>Measures the densities over a group's episode, after its backward pass; once.</summary>
    internal void Measure(in GroupContext run)
    {
        if (Densities is null)
        {
            Densities = new (double, double)[run.Plan.Synapses.Length];
            foreach (var s in run.Plan.Synapses)
            {
                // Where the matrix is stored transposed, so are the pairs.
                Densities[s.Index] = s.Layout.Pair(
                    Density(run, Array.ConvertAll(s.Gradient, pair => pair.P)), Density(run, Array.ConvertAll(s.Gradient, pair => pair.Q)));
            }
        }
    }

    private static unsafe double Density(in GroupContext run, Place[] vectors)
    {
        long count = 0, all = 0;
        foreach (var place in vectors)
        {
            for (var t = 0; t < run.Steps; t++)
            {
                for (var g = 0; g < run.Count; g++, all += place.Length)
                {
                    count += place.Length - new ReadOnlySpan<float>(run.At(place, g, t), place.Length).Count(0);
                }
            }
        }
        return all == 0 ? 1 : (double)count / all;
    }

    internal void Start()
    {
        current = StepPart.Other;
        since = Stopwatch.GetTimestamp();
    }

    internal void Enter(StepPart part)
    {
        if (part != current)
        {
            Stop();
            current = part;
        }
    }

    internal void Stop()
    {
        var now = Stopwatch.GetTimestamp();
        ticks[(int)current] += now - since;
        since = now;
    }
}
