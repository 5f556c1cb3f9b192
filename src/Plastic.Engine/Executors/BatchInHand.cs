using Plastic.Core;

namespace Plastic.Engine;

/// <summary>One of the batches that an executor runs, and what is found of it.</summary>
internal sealed class BatchInHand(Plan plan)
{
    private readonly OutputReader reader = new();

    /// <summary>The batch.</summary>
    public Batch Batch { get; private set; } = null!;

    /// <summary>What sees the values of its steps, if anything does.</summary>
    public IObserver? Observer { get; private set; }

    /// <summary>The share of each episode in the loss.</summary>
    public double[] SampleLoss { get; } = new double[plan.Program.Batch];

    /// <summary>The loss.</summary>
    public double Loss
    {
        get
        {
            var loss = 0.0;
            foreach (var share in SampleLoss)
            {
                loss += share;
            }
            return loss;
        }
    }

    /// <summary>Takes a batch, and what sees its values.</summary>
    public void Begin(Batch batch, IObserver? observer) => (Batch, Observer) = (batch, observer);

    /// <summary>Takes a batch, and where its outputs go.</summary>
    /// <exception cref="ArgumentException">The step has no such output, or an array has the wrong length.</exception>
    public void Begin(Batch batch, IReadOnlyDictionary<string, double[]>? outputs)
    {
        (Batch, Observer) = (batch, outputs is null ? null : reader);
        reader.Clear();
        if (outputs is null)
        {
            return;
        }
        foreach (var (name, values) in outputs)
        {
            var at = Array.FindIndex(plan.Outputs, o => o.Name == name);
            if (at < 0 || values.Length != (long)batch.Size * batch.Steps * plan.Outputs[at].Place.Length)
            {
                throw new ArgumentException($"the step has no output {name} of {values.Length} numbers for this batch", nameof(outputs));
            }
            reader.Read(plan.Outputs[at].Place, values);
        }
    }
}
