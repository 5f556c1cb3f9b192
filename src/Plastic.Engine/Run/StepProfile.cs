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
