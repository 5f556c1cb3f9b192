using System.Numerics;
using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// Losses and gradient norms of consecutive optimiser steps on one batch, both before each step's update; and an encoder's buffers after all.
/// </summary>
internal sealed record Trajectory(double[] Losses, double[] GradientNorms, double[][] Buffers)
{
    /// <summary>Parameters, gradients and optimiser in float64.</summary>
    public static Trajectory InFloat64(Func<double[][], Batch, bool, Episode> run, GoldenNetwork golden, double[][] start)
    {
        var buffers = Array.Empty<double[]>();
        return Follow<double>(golden, start, Gradient, values => buffers.CopyTo(values, values.Length - buffers.Length));

        double Gradient(double[][] values, double[][] gradients)
        {
            var episode = run(values, golden.Batch, true);
            for (var k = 0; k < gradients.Length; k++) episode.Gradients[k].CopyTo(gradients[k]);
            buffers = episode.Buffers;
            return episode.Loss;
        }
    }

    /// <summary>As training runs: parameters, gradients and optimiser in float32.</summary>
    public static Trajectory InFloat32(IExecutor executor, GoldenNetwork golden, double[][] start) => Follow<float>(
        golden, start, (values, gradients) => executor.Gradient(values, golden.Batch, gradients), executor.Commit);

    /// <param name="golden">The case.</param>
    /// <param name="start">The values of all parameters, those that are not trained included.</param>
    /// <param name="gradient">Writes the gradient of the loss at some values, which it returns.</param>
    /// <param name="commit">Changes the buffers among the values, by the gradient computed last.</param>
    private static Trajectory Follow<T>(
        GoldenNetwork golden, double[][] start, Func<T[][], T[][], double> gradient, Action<T[][]> commit)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var training = golden.Training;
        var values = Array.ConvertAll(start, array => Array.ConvertAll(array, T.CreateTruncating));
        var gradients = Array.ConvertAll(start, array => new T[array.Length]);
        var trained = golden.Network.Parameters.Count(p => p.Trained);
        var optimiser = new AdamW<T>(training.Optimiser, values[..trained]);
        var norm = new GradientNorm<T>(gradients);
        using var crew = new Crew(threads: 1);
        var losses = new double[training.Losses.Length];
        var norms = new double[losses.Length];
        for (var step = 0; step < losses.Length; step++)
        {
            losses[step] = gradient(values, gradients);
            norms[step] = norm.Measure(gradients, crew);
            var scale = GradientNorm.Scale(norms[step], training.MaxGradientNorm);
            optimiser.Step(gradients[..trained], training.Optimiser.LearningRate, scale, crew);
            commit(values);
        }
        return new Trajectory(losses, norms, Array.ConvertAll(values[trained..], array => Array.ConvertAll(array, double.CreateTruncating)));
    }
}
