using System.Numerics;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>Losses and gradient norms of consecutive optimiser steps on one batch, both before each step's update.</summary>
internal sealed record Trajectory(double[] Losses, double[] GradientNorms)
{
    /// <summary>Parameters, gradients and optimiser in float64.</summary>
    public static Trajectory InFloat64(IExecutor executor, Golden golden) =>
        Follow<double>(golden.Parameters, golden.Training, (parameters, gradients) =>
        {
            var episode = executor.Run(parameters, golden.Batch, wantGradient: true);
            for (var k = 0; k < gradients.Length; k++) episode.Gradients[k].CopyTo(gradients[k]);
            return episode.Loss;
        });

    /// <summary>As training runs: parameters, gradients and optimiser in float32.</summary>
    public static Trajectory InFloat32(IExecutor executor, Golden golden) =>
        Follow<float>(golden.Parameters, golden.Training, (parameters, gradients) =>
            executor.Gradient(parameters, golden.Batch, gradients));

    private static Trajectory Follow<T>(double[][] start, GoldenTraining training, Func<T[][], T[][], double> gradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var parameters = Array.ConvertAll(start, values => Array.ConvertAll(values, T.CreateTruncating));
        var gradients = Array.ConvertAll(start, values => new T[values.Length]);
        var optimiser = new AdamW<T>(training.Optimiser, parameters);
        var norm = new GradientNorm<T>(gradients);
        using var crew = new Crew(threads: 1);
        var losses = new double[training.Losses.Length];
        var norms = new double[losses.Length];
        for (var step = 0; step < losses.Length; step++)
        {
            losses[step] = gradient(parameters, gradients);
            norms[step] = norm.Measure(gradients, crew);
            var scale = GradientNorm.Scale(norms[step], training.MaxGradientNorm);
            optimiser.Step(gradients, training.Optimiser.LearningRate, scale, crew);
        }
        return new Trajectory(losses, norms);
    }
}
