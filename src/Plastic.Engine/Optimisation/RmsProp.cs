using System.Numerics;
using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The settings of <see cref="RmsProp{T}"/>.</summary>
/// <param name="Memory">The decay rate of the mean square of the gradient, in [0, 1).</param>
/// <param name="Epsilon">Added under the root, ≥ 0.</param>
/// <param name="MaxStep">Bound on the magnitude of each element's step, &gt; 0; infinity for none.</param>
/// <param name="PenaltyL1">The amount by which a step reduces the magnitude of each connection, ≥ 0.</param>
/// <param name="PenaltyL2">The fraction by which a step reduces each connection, ≥ 0.</param>
public sealed record RmsPropSettings(
    double Memory = 0.99,
    double Epsilon = 1e-8,
    double MaxStep = double.PositiveInfinity,
    double PenaltyL1 = 0,
    double PenaltyL2 = 0) : OptimiserSettings
{
    /// <inheritdoc/>
    public override IOptimiser<float> Create(IReadOnlyList<Parameter> infos, float[][] values) =>
        new RmsProp<float>(this, values, [.. infos.Select(info => info.Shape.Length == 2)]);

    /// <inheritdoc/>
    public override int NumbersPerParameter => 1;
}

/// <summary>
/// RMSprop with bounded steps, and penalties applied separately (Miconi 2016, section 3):
/// <code>
/// g = scale·gradient          mem ← g² at the first step, then mem + (1 − memory)·(g² − mem)
/// p ← p − clip(lr·g / √(mem + ε), ±maxStep)
/// p ← p − l1·sign p − l2·p    for connections, W and α; not for biases
/// </code>
/// Computed in double and rounded to T once per element, so the bits do not depend on the crew. A step allocates nothing.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class RmsProp<T> : IOptimiser<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly RmsPropSettings settings;
    private readonly T[][] parameters;
    private readonly bool[] isPenalised;
    private readonly ArrayRange[] ranges;
    private readonly Action<int, int> updateRange;
    private T[][] gradients = [];
    private double learningRate, scale;

    /// <param name="settings">The settings; they stay fixed.</param>
    /// <param name="parameters">The arrays to train, in place, of any lengths.</param>
    /// <param name="isPenalised">For each array, whether the penalties apply to it.</param>
    /// <exception cref="ArgumentException">The two lists have different lengths.</exception>
    public RmsProp(RmsPropSettings settings, T[][] parameters, bool[] isPenalised)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(isPenalised);
        if (parameters.Length != isPenalised.Length)
        {
            throw new ArgumentException($"RmsProp: expected {parameters.Length} penalties, got {isPenalised.Length}.");
        }
        this.settings = settings;
        this.parameters = parameters;
        this.isPenalised = isPenalised;
        MeanSquares = Array.ConvertAll(parameters, a => new T[a.Length]);
        ranges = ArrayRange.Cut(parameters);
        updateRange = UpdateRange;
    }

    /// <summary>mem: one array per parameter array. To restore a checkpoint, write to it.</summary>
    public T[][] MeanSquares { get; }

    /// <inheritdoc/>
    public long Steps { get; set; }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, T[][] Values)> Memory => [("square", MeanSquares)];

    /// <inheritdoc/>
    public void Step(T[][] gradients, double learningRate, double scale, Crew crew)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentNullException.ThrowIfNull(crew);
        ArrayRange.RequireSameShape("RmsProp.Step", parameters, gradients);
        (this.gradients, this.learningRate, this.scale) = (gradients, learningRate, scale);
        Steps++;
        crew.Run(ranges.Length, updateRange);
    }

    private void UpdateRange(int worker, int index)
    {
        var (array, start, length) = ranges[index];
        var p = parameters[array].AsSpan(start, length);
        var g = gradients[array].AsSpan(start, length);
        var squares = MeanSquares[array].AsSpan(start, length);
        for (var i = 0; i < length; i++)
        {
            var gradient = scale * double.CreateTruncating(g[i]);
            var mean = double.CreateTruncating(squares[i]);
            mean = Steps == 1 ? gradient * gradient : mean + (1 - settings.Memory) * (gradient * gradient - mean);
            squares[i] = T.CreateTruncating(mean);
            var step = learningRate * gradient / Math.Sqrt(mean + settings.Epsilon);
            // A NaN step stays NaN; Math.Clamp passes it on.
            var moved = double.CreateTruncating(p[i]) - Math.Clamp(step, -settings.MaxStep, settings.MaxStep);
            if (isPenalised[array] && !double.IsNaN(moved))
            {
                moved -= settings.PenaltyL1 * Math.Sign(moved) + settings.PenaltyL2 * moved;
            }
            p[i] = T.CreateTruncating(moved);
        }
    }
}
