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

    /// <summary>Takes a batch, and where its outputs and the gradients of its data go.</summary>
    /// <exception cref="ArgumentException">There is no such output or gradient, or an array has the wrong length.</exception>
    public void Begin(
        Batch batch, IReadOnlyDictionary<string, double[]>? outputs, IReadOnlyDictionary<string, double[]>? inputGradients)
    {
        Begin(batch, outputs is null && inputGradients is null ? null : reader);
        reader.Clear();
        var rows = (long)batch.Size * batch.Steps;
        if (outputs is not null)
        {
            foreach (var (name, values) in outputs)
            {
                var at = Array.FindIndex(plan.Outputs, o => o.Name == name);
                IExecutor.RequireArray(nameof(outputs), name, values, at < 0 ? -1 : rows * plan.Outputs[at].Place.Length);
                reader.Read(plan.Outputs[at].Place, values);
            }
        }
        if (inputGradients is not null)
        {
            foreach (var (name, values) in inputGradients)
            {
                var at = Array.FindIndex(plan.Inputs, i => i.Name == name);
                IExecutor.RequireArray(nameof(inputGradients), name, values, at < 0 ? -1 : rows * plan.Inputs[at].Length);
                reader.ReadBar(plan.Inputs[at], values);
            }
        }
    }
}
