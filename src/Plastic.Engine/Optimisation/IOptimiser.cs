using System.Numerics;
using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Moves arrays of parameters along their gradients, and keeps what it remembers of them.</summary>
/// <typeparam name="T">float or double.</typeparam>
public interface IOptimiser<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>How many steps were taken.</summary>
    long Steps { get; set; }

    /// <summary>
    /// What is remembered of the parameters, one array per parameter array under each name. To restore it, write into it.
    /// </summary>
    IReadOnlyList<(string Name, T[][] Values)> Memory { get; }

    /// <summary>One step: changes the parameters and what is remembered; reads the gradients.</summary>
    /// <param name="gradients">∂loss/∂parameters: arrays of the parameters' lengths.</param>
    /// <param name="learningRate">This step's rate, ≥ 0.</param>
    /// <param name="scale">Multiplies the gradients; 1, or what <see cref="GradientNorm.Scale"/> gave.</param>
    /// <param name="crew">Who shares the work; the result does not depend on it.</param>
    /// <exception cref="ArgumentException">The gradients have other lengths than the parameters.</exception>
    void Step(T[][] gradients, double learningRate, double scale, Crew crew);
}

/// <summary>Which optimiser, and how it is set.</summary>
public abstract record OptimiserSettings
{
    /// <summary>An optimiser of parameters that are trained.</summary>
    /// <param name="infos">What the parameters are.</param>
    /// <param name="values">Their values, which it changes in place.</param>
    public abstract IOptimiser<float> Create(IReadOnlyList<Parameter> infos, float[][] values);

    /// <summary>How many numbers it remembers of each number that is trained.</summary>
    public abstract int NumbersPerParameter { get; }
}
