using System.Diagnostics;

namespace Plastic.Engine;

/// <summary>What a training step's time goes into, within the executor.</summary>
public enum StepPart
{
    /// <summary>Data, states, and whatever is none of the below.</summary>
    Other,

    /// <summary>Products with synapses and their updates, forward.</summary>
    Forward,

    /// <summary>Products with synapses and the adjoints of their updates, backward.</summary>
    Backward,

    /// <summary>The slow weights' gradients, a matrix product of stored pairs.</summary>
    WeightGradients,

    /// <summary>Operations on vectors, forward and backward.</summary>
    Vectors,
}

/// <summary>Where one worker's time goes. Reads the clock only when the part changes, so that it hardly shows itself.</summary>
public sealed class StepProfile
{
    private readonly long[] ticks = new long[Enum.GetValues<StepPart>().Length];
    private StepPart current;
    private long since;

    /// <summary>Seconds spent on a part so far.</summary>
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
