namespace Plastic.Host;

/// <summary>All that training needs to continue from the start of a step.</summary>
/// <param name="Step">The next step.</param>
/// <param name="BestStep">The step whose validation was best so far.</param>
/// <param name="BestLoss">That validation's loss; infinity before the first.</param>
/// <param name="LossSum">The sum of the training losses not logged yet.</param>
/// <param name="NormSum">The sum of the gradient norms not logged yet.</param>
/// <param name="Summed">The number of terms in each sum.</param>
/// <param name="OptimiserSteps">The number of updates made.</param>
/// <param name="Tensors">Weights, the best weights, and the optimiser's moments.</param>
internal sealed record TrainingState(
    int Step, int BestStep, double BestLoss, double LossSum, double NormSum, int Summed, long OptimiserSteps,
    IReadOnlyList<NamedTensor> Tensors);
