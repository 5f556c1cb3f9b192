namespace Plastic.Host;

/// <summary>All that training needs to continue from the start of a step.</summary>
/// <param name="Step">The next step.</param>
/// <param name="Best">The best validation so far.</param>
/// <param name="LossSum">The sum of the training losses not logged yet.</param>
/// <param name="NormSum">The sum of the gradient norms not logged yet.</param>
/// <param name="Summed">The number of terms in each sum.</param>
/// <param name="OptimiserSteps">The number of updates made.</param>
/// <param name="Tensors">Weights, the best weights, and the optimiser's moments.</param>
internal sealed record TrainingState(
    int Step, BestValidation Best, double LossSum, double NormSum, int Summed, long OptimiserSteps,
    IReadOnlyList<NamedTensor> Tensors);
