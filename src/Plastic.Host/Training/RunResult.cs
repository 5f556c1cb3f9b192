namespace Plastic.Host;

/// <summary>The result of a run.</summary>
/// <param name="TestLoss">Mean loss over the batches of the test set, with the best weights.</param>
/// <param name="TestError">Standard error of that mean over the batches; null for a single batch.</param>
/// <param name="BestStep">The step whose validation was best.</param>
/// <param name="BestLoss">That validation's loss.</param>
internal sealed record RunResult(double TestLoss, double? TestError, int BestStep, double BestLoss)
{
    /// <summary>The task's additional metric on the test set, if it has one: the mean over the batches.</summary>
    public double? TestMeasure { get; init; }

    /// <summary>Standard error of that mean over the batches; null for a single batch.</summary>
    public double? TestMeasureError { get; init; }

    /// <summary>The task's additional metric in the best validation.</summary>
    public double? BestMeasure { get; init; }

    /// <summary>The losses of the last training batches, which change nothing; null when all batches train.</summary>
    public FrozenResult? Frozen { get; init; }
}

/// <summary>The losses of the training batches at the end that change nothing, without the first ten of them, as published.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Median">The median loss.</param>
/// <param name="Measure">The mean of the task's additional metric, if it has one.</param>
/// <param name="Batches">The number of batches.</param>
internal sealed record FrozenResult(double Loss, double Median, double? Measure, int Batches)
{
    /// <summary>How many of them are left out at the start.</summary>
    public const int Skipped = 10;
}
