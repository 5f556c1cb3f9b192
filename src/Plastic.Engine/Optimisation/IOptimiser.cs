using System.Numerics;
using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Updates arrays of parameters from their gradients, and holds the state that this needs.</summary>
/// <typeparam name="T">float or double.</typeparam>
public interface IOptimiser<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The number of steps taken.</summary>
    long Steps { get; set; }

    /// <summary>
    /// The optimiser's state: under each name, one array per parameter array. To restore a checkpoint, write to these arrays.
    /// </summary>
    IReadOnlyList<(string Name, T[][] Values)> Memory { get; }

    /// <summary>One step: changes the parameters and the state; reads the gradients.</summary>
    /// <param name="gradients">∂loss/∂parameters: arrays of the parameters' lengths.</param>
    /// <param name="learningRate">This step's rate, ≥ 0.</param>
    /// <param name="scale">Multiplies the gradients: 1, or the result of <see cref="GradientNorm.Scale"/>.</param>
    /// <param name="crew">The threads that share the work; the result does not depend on them.</param>
    /// <exception cref="ArgumentException">The gradients' lengths differ from the parameters'.</exception>
    void Step(T[][] gradients, double learningRate, double scale, Crew crew);
}

/// <summary>An optimiser's settings, from which it is made.</summary>
public abstract record OptimiserSettings
{
    /// <summary>Makes an optimiser for trained parameters.</summary>
    /// <param name="infos">The descriptions of the parameters.</param>
    /// <param name="values">Their values, which are changed in place.</param>
    public abstract IOptimiser<float> Create(IReadOnlyList<Parameter> infos, float[][] values);

    /// <summary>The number of state values per trained value.</summary>
    public abstract int NumbersPerParameter { get; }
}
