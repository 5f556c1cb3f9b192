using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// The statistics of a batch norm at one step, from those of each image. Images are taken in order and sums are made in double precision.
/// </summary>
internal sealed unsafe class NormStatistics(ConvolutionPlan convolution, int images)
{
    private readonly int channels = convolution.Norm.Outputs, stride = convolution.Output.Channels;

    /// <summary>The mean of each channel, and its variance as the running one counts it: unbiased.</summary>
    public double[] Mean { get; } = new double[convolution.Norm.Outputs];

    public double[] Variance { get; } = new double[convolution.Norm.Outputs];

    /// <summary>The values of a channel in a step.</summary>
    private double Values => (double)images * convolution.Output.Side * convolution.Output.Side;

    /// <summary>Mean and deviation over the step.</summary>
    /// <param name="sums">For each image the mean of each channel, and after them Σ(z − mean)².</param>
    /// <param name="parameters">The encoder's parameters.</param>
    /// <param name="to">Takes the norm's vectors.</param>
    public void OfBatch(float* sums, float[][] parameters, NormVectors to)
    {
        var perImage = Values / images;
        for (var c = 0; c < channels; c++)
        {
            double mean = 0, squares = 0;
            for (var n = 0; n < images; n++) mean += sums[2L * n * stride + c];
            mean /= images;
            for (var n = 0; n < images; n++)
            {
                var from = sums[2L * n * stride + c] - mean;
                squares += sums[(2L * n + 1) * stride + c] + perImage * from * from;
            }
            (Mean[c], Variance[c]) = (mean, squares / (Values - 1));
            Set(parameters, to, c, mean, squares / Values);
        }
    }

    /// <summary>The running mean and deviation.</summary>
    public void OfRunning(float[][] buffers, float[][] parameters, NormVectors to)
    {
        for (var c = 0; c < channels; c++)
        {
            Set(parameters, to, c, buffers[convolution.Norm.Mean][c], buffers[convolution.Norm.Variance][c]);
            (to.Linear[c], to.Constant[c]) = (0, 0);
        }
    }

    /// <summary>What z̄ is made with, and the gradients of γ and β.</summary>
    /// <param name="sums">For each image Σȳ of each channel.</param>
    /// <param name="products">For each image Σȳ·(z − mean).</param>
    /// <param name="next">Floats from one image's sums to the next's.</param>
    /// <param name="isTraining">Whether mean and deviation depend on z.</param>
    /// <param name="norm">The norm's vectors.</param>
    /// <param name="scaleBar">Is added to.</param>
    /// <param name="shiftBar">Is added to.</param>
    public void Bars(
        float* sums, float* products, long next, bool isTraining, NormVectors norm, double[] scaleBar, double[] shiftBar)
    {
        for (var c = 0; c < channels; c++)
        {
            double sum = 0, product = 0, inverse = norm.Inverse[c];
            for (var n = 0; n < images; n++)
            {
                sum += sums[n * next + c];
                product += products[n * next + c];
            }
            scaleBar[c] += product * inverse;
            shiftBar[c] += sum;
            if (!isTraining) continue;
            norm.Linear[c] = (float)(-norm.Gain[c] * inverse * inverse * product / Values);
            norm.Constant[c] = (float)(-norm.Gain[c] * sum / Values);
        }
    }

    /// <summary>Folds the step's statistics into the running ones.</summary>
    public void Fold(float[][] buffers)
    {
        for (var c = 0; c < channels; c++)
        {
            Into(buffers[convolution.Norm.Mean], Mean[c]);
            Into(buffers[convolution.Norm.Variance], Variance[c]);

            void Into(float[] running, double value) =>
                running[c] = (float)((1 - Encoder.Momentum) * running[c] + Encoder.Momentum * value);
        }
    }

    private void Set(float[][] parameters, NormVectors to, int c, double mean, double variance)
    {
        var inverse = 1 / Math.Sqrt(variance + Encoder.Epsilon);
        to.Mean[c] = (float)mean;
        to.Inverse[c] = (float)inverse;
        to.Gain[c] = (float)(parameters[convolution.Norm.Scale][c] * inverse);
        to.Shift[c] = parameters[convolution.Norm.Shift][c];
    }
}
