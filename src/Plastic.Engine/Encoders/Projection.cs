using Plastic.Core;

namespace Plastic.Engine;

/// <summary>e = relu(f·W + b) of all images, and its adjoint: the linear layer behind the blocks.</summary>
internal sealed unsafe class Projection : IDisposable
{
    private readonly int flat, width, flatStride, stride, weight, bias;
    private readonly EncoderKernels kernels;
    private readonly AlignedBuffer memory;
    private readonly float* matrix, transposed, gradient;
    private AlignedBuffer outputs = new(0);

    public Projection(Encoder encoder, EncoderKernels kernels)
    {
        this.kernels = kernels;
        (weight, bias) = encoder.Projection.Value;
        (flat, width) = (encoder.Flat, encoder.Features);
        (flatStride, stride) = (Lanes.Padded(flat), Lanes.Padded(width));
        memory = new AlignedBuffer(Floats(encoder));
        matrix = memory.Pointer;
        transposed = matrix + (long)flatStride * stride;
        gradient = transposed + (long)flatStride * stride;
    }

    /// <summary>Floats of a projection's matrices.</summary>
    public static long Floats(Encoder encoder) => 3L * Lanes.Padded(encoder.Flat) * Lanes.Padded(encoder.Features);

    /// <summary>e of flat features, a row of whole vectors for each image; their number is a multiple of four.</summary>
    public void Forward(float[][] parameters, float* features, int rows, float[] to, int images, Crew crew)
    {
        var w = parameters[weight];
        for (var i = 0; i < flat; i++)
        {
            w.AsSpan(i * width, width).CopyTo(new Span<float>(matrix + (long)i * stride, width));
            for (var j = 0; j < width; j++) transposed[(long)j * flatStride + i] = w[i * width + j];
        }
        Reserve(rows);
        var e = outputs.Pointer;
        crew.Run(rows / 4, (_, four) =>
        {
            for (var n = 4 * four; n < 4 * four + 4; n++)
            {
                parameters[bias].CopyTo(new Span<float>(e + (long)n * stride, width));
            }
            kernels.Run(new FourProducts(
                matrix, stride, flat, new VectorSeries(features + 4L * four * flatStride, flatStride), new VectorSeries(e + 4L * four * stride, stride)));
            for (var n = 4 * four; n < Math.Min(images, 4 * four + 4); n++)
            {
                var row = e + (long)n * stride;
                for (var j = 0; j < width; j++) row[j] = row[j] > 0 ? row[j] : 0 * row[j];
                new Span<float>(row, width).CopyTo(to.AsSpan(n * width, width));
            }
        });
    }

    /// <summary>The cotangents of the flat features, and the gradients of W and b.</summary>
    public void Backward(float[] cotangents, float* features, float* bars, int rows, int images, float[][] gradients, Crew crew)
    {
        var e = outputs.Pointer;
        // From here on the outputs are their own cotangents.
        crew.Run(rows / 4, (_, four) =>
        {
            for (var n = 4 * four; n < 4 * four + 4; n++)
            {
                var row = e + (long)n * stride;
                for (var j = 0; j < width; j++) row[j] = n < images && row[j] > 0 ? cotangents[n * width + j] : 0;
                new Span<float>(bars + (long)n * flatStride, flatStride).Clear();
            }
            kernels.Run(new FourProducts(
                transposed, flatStride, width, new VectorSeries(e + 4L * four * stride, stride), new VectorSeries(bars + 4L * four * flatStride, flatStride)));
        });
        new Span<float>(gradient, checked(flatStride * stride)).Clear();
        crew.Run((flat + 3) / 4, (_, four) => kernels.Run(new ImageProducts(
            features + 4L * four, flatStride, e, stride, rows, gradient + 4L * four * stride)));
        var (w, b) = (gradients[weight], gradients[bias]);
        for (var i = 0; i < flat; i++)
        {
            new ReadOnlySpan<float>(gradient + (long)i * stride, width).CopyTo(w.AsSpan(i * width, width));
        }
        for (var j = 0; j < width; j++)
        {
            b[j] = 0;
            for (var n = 0; n < images; n++) b[j] += e[(long)n * stride + j];
        }
    }

    public void Dispose()
    {
        memory.Dispose();
        outputs.Dispose();
    }

    private void Reserve(int rows)
    {
        if (outputs.Bytes >= AlignedBuffer.BytesFor((long)rows * stride)) return;
        outputs.Dispose();
        outputs = new AlignedBuffer((long)rows * stride);
    }

    /// <summary>Four rows of W̄ = Σ f ⊗ ē over the images.</summary>
    private readonly struct ImageProducts(float* f, int fStride, float* e, int eStride, int images, float* to) : IRegisterKernel
    {
        public void Run<R>() where R : struct, IRegister<R>
        {
            for (int j = 0, strip; j < eStride; j += strip)
            {
                strip = ProductTile<R>.Strip(eStride - j);
                ProductTile<R>.Multiply(e + j, eStride, strip, new VectorTile(f, 1, fStride), images, new Write(to), j, eStride);
            }
        }
    }
}
