using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// The CPU encoder: float32, channels last, all cores. One result, bit for bit, whatever the number of threads and the width of the machine's
/// vectors. It keeps what convolutions give and computes the rest again; past a bound on memory a step's forward pass is made
/// again too. It runs one batch at a time and is not safe for use by several threads at once.
/// </summary>
public sealed unsafe class CpuEncoder : IEncoder
{
    /// <summary>Bytes that the values kept for the backward pass may take by default: 256 MiB.</summary>
    public const long DefaultKeptBytes = 256L << 20;

    private readonly Crew crew;
    private readonly EncoderKernels kernels;
    private readonly IEncoderDrops drops;
    private readonly long keptBytes;
    private readonly Projection? projection;
    private EncoderRun? run;
    private bool isCommitted = true, hasForward;

    /// <param name="encoder">What to run.</param>
    /// <param name="crew">The threads; disposing of the encoder leaves them alive.</param>
    /// <param name="drops">What training drops.</param>
    /// <param name="keptBytes">
    /// Bytes, at least 1, that values may take to be kept for the backward pass; the values of one step are always kept. Changes time and
    /// memory, and no bit of the result.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">Kept values of no bytes.</exception>
    public CpuEncoder(Encoder encoder, Crew crew, IEncoderDrops drops, long keptBytes = DefaultKeptBytes)
        : this(encoder, crew, drops, keptBytes, EncoderKernels.Create())
    {
    }

    internal CpuEncoder(Encoder encoder, Crew crew, IEncoderDrops drops, long keptBytes, EncoderKernels kernels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keptBytes, 1);
        (Encoder, this.crew, this.drops, this.keptBytes, this.kernels) = (encoder, crew, drops, keptBytes, kernels);
        projection = encoder.Options.Projection > 0 ? new Projection(encoder, kernels) : null;
    }

    /// <inheritdoc/>
    public Encoder Encoder { get; }

    /// <summary>
    /// The bytes that an encoder allots for batches, found without allotting them.
    /// </summary>
    /// <param name="encoder">What to run.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="images">Episodes of a batch.</param>
    /// <param name="steps">Steps of an episode.</param>
    /// <param name="keptBytes">As for the constructor.</param>
    public static long MemoryFor(Encoder encoder, int threads, int images, int steps, long keptBytes = DefaultKeptBytes)
    {
        var projection = encoder.Options.Projection > 0
            ? AlignedBuffer.BytesFor(Projection.Floats(encoder)) + AlignedBuffer.BytesFor((images * steps + 3L) * Lanes.Padded(encoder.Features))
            : 0;
        return projection + EncoderRun.BytesFor(new EncoderPlan(encoder, images), threads, steps, keptBytes);
    }

    /// <inheritdoc/>
    public void Forward(
        float[][] parameters, float[][] buffers, float[] images, int steps, EncoderMode mode, float[] features,
        CancellationToken stop = default)
    {
        var size = 3L * Encoder.Options.Side * Encoder.Options.Side;
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var count = checked((int)(images.Length / size / steps));
        if (count < 1 || count * steps * size != images.Length)
        {
            throw new ArgumentException($"expected whole episodes of {steps} images of {size} numbers, not {images.Length}", nameof(images));
        }
        Require(nameof(features), features, (long)count * steps * Encoder.Features);
        RequireEach(nameof(parameters), parameters, [.. Encoder.Parameters.Select(p => p.Size)]);
        RequireEach(nameof(buffers), buffers, [.. Encoder.Buffers.Select(b => b.Size)]);
        (isCommitted, hasForward) = (true, false);
        if (run is null || run.Plan.Images != count || run.Steps != steps)
        {
            run?.Dispose();
            run = null;
            run = new EncoderRun(new EncoderPlan(Encoder, count), steps, crew, kernels, drops, keptBytes);
        }
        run.Forward(parameters, buffers, images, mode, stop);
        if (projection is null)
        {
            run.CopyFeatures(features);
        }
        else
        {
            projection.Forward(parameters, run.Features, run.Rows, features, count * steps, crew);
        }
        (isCommitted, hasForward) = (false, true);
    }

    /// <inheritdoc/>
    public void Backward(float[] cotangents, float[][] gradients, CancellationToken stop = default)
    {
        if (!hasForward) throw new InvalidOperationException("CpuEncoder: no forward pass was completed since the last backward pass.");
        var images = run!.Plan.Images * run.Steps;
        Require(nameof(cotangents), cotangents, (long)images * Encoder.Features);
        RequireEach(nameof(gradients), gradients, [.. Encoder.Parameters.Select(p => p.Size)]);
        // It overwrites what the forward pass kept.
        hasForward = false;
        if (projection is null)
        {
            run.TakeCotangents(cotangents);
        }
        else
        {
            projection.Backward(cotangents, run.Features, run.FeatureBars, run.Rows, images, gradients, crew);
        }
        run.Backward(gradients, stop);
    }

    /// <inheritdoc/>
    public void Commit(float[][] buffers)
    {
        if (isCommitted) throw new InvalidOperationException("CpuEncoder: no forward pass was made since the last commit.");
        run!.Commit(buffers);
        isCommitted = true;
    }

    /// <summary>Frees its memory.</summary>
    public void Dispose()
    {
        run?.Dispose();
        projection?.Dispose();
    }

    private static void Require(string what, float[] values, long length)
    {
        if (values.Length != length) throw new ArgumentException($"expected {length} numbers, not {values.Length}", what);
    }

    private static void RequireEach(string what, float[][] arrays, int[] sizes)
    {
        if (arrays.Length != sizes.Length) throw new ArgumentException($"expected {sizes.Length} arrays, not {arrays.Length}", what);
        for (var k = 0; k < sizes.Length; k++)
        {
            if (arrays[k].Length != sizes[k])
            {
                throw new ArgumentException($"array {k} has {arrays[k].Length} elements; expected {sizes[k]}", what);
            }
        }
    }
}
