using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The memory of batches of one size, and the order of their passes: forward step by step, backward from the last step to the first.</summary>
internal sealed unsafe class EncoderRun : IDisposable
{
    private readonly AlignedBuffer kernelMemory, vectors, features, featureBars;
    private readonly AlignedBuffer[] kept;
    private readonly NormStatistics[][] statistics;
    private readonly long[] passes;
    private readonly ForwardStep forward;
    private readonly BackwardStep backward;
    private readonly EncoderScratch[] scratch;
    private float[] images = [];
    private EncoderMode mode = EncoderMode.Training;

    public EncoderRun(EncoderPlan plan, int steps, Crew crew, EncoderKernels kernels, IEncoderDrops drops, long keptBytes)
    {
        (Plan, Steps) = (plan, steps);
        Rows = (plan.Images * steps + 3) / 4 * 4;
        FeatureStride = Lanes.Padded(plan.Encoder.Flat);
        kernelMemory = new AlignedBuffer(2 * plan.Weights);
        vectors = new AlignedBuffer(steps * plan.Vectors);
        features = new AlignedBuffer((long)Rows * FeatureStride);
        featureBars = new AlignedBuffer((long)Rows * FeatureStride);
        kept = [.. Enumerable.Range(0, Slots(plan, steps, keptBytes)).Select(_ => new AlignedBuffer(plan.Values))];
        statistics = [.. Enumerable.Range(0, steps).Select(_ => Array.ConvertAll(plan.Convolutions, c => new NormStatistics(c, plan.Images)))];
        passes = new long[steps];
        scratch = [.. Enumerable.Range(0, crew.Threads).Select(_ => new EncoderScratch(plan))];
        forward = new ForwardStep(plan, steps, crew, kernels, drops, scratch);
        backward = new BackwardStep(plan, crew, kernels, forward, scratch);
    }

    public EncoderPlan Plan { get; }

    public int Steps { get; }

    /// <summary>Features of all images, a row for each step of each episode, and rows of zeros up to a multiple of four.</summary>
    public float* Features => features.Pointer;

    /// <summary>Their cotangents.</summary>
    public float* FeatureBars => featureBars.Pointer;

    public int Rows { get; }

    /// <summary>Floats from one row of features to the next.</summary>
    public int FeatureStride { get; }

    /// <summary>The bytes of a run.</summary>
    public static long BytesFor(EncoderPlan plan, int threads, int steps, long keptBytes) =>
        AlignedBuffer.BytesFor(2 * plan.Weights) + AlignedBuffer.BytesFor(steps * plan.Vectors)
        + 2 * AlignedBuffer.BytesFor((plan.Images * (long)steps + 3) / 4 * 4 * Lanes.Padded(plan.Encoder.Flat))
        + Slots(plan, steps, keptBytes) * AlignedBuffer.BytesFor(plan.Values)
        + ForwardStep.BytesFor(plan) + BackwardStep.BytesFor(plan) + threads * EncoderScratch.BytesFor(plan);

    public void Forward(float[][] parameters, float[][] buffers, float[] images, EncoderMode mode, CancellationToken stop)
    {
        (this.images, this.mode) = (images, mode);
        foreach (var c in Plan.Convolutions)
        {
            var weight = parameters[c.Norm.Weight];
            c.Pack(weight, kernelMemory.Pointer + c.WeightAt);
            if (c.HasInputBar) c.PackTransposed(weight, kernelMemory.Pointer + Plan.Weights + c.WeightAt);
        }
        for (var t = 0; t < Steps; t++)
        {
            passes[t] = Plan.Encoder.Passes is { IsValueSome: true } at ? (long)buffers[at.Value][0] + t + 1 : 0;
            var step = Step(t);
            forward.Run(step, statistics[t], parameters, buffers, stop);
            forward.Features(step, features.Pointer + (long)t * FeatureStride, (long)Steps * FeatureStride);
        }
    }

    /// <summary>The gradients of the blocks' parameters, from the cotangents of their features.</summary>
    public void Backward(float[][] gradients, CancellationToken stop)
    {
        backward.Begin();
        for (var t = Steps - 1; t >= 0; t--)
        {
            var step = Step(t);
            // The slot that steps share holds the values of the last of them.
            if (t >= kept.Length - 1 && t < Steps - 1) forward.Values(step, stop);
            backward.Run(step, statistics[t], featureBars.Pointer + (long)t * FeatureStride, (long)Steps * FeatureStride, stop);
        }
        backward.End(gradients);
    }

    public void CopyFeatures(float[] to)
    {
        var flat = Plan.Encoder.Flat;
        for (var n = 0; n < Plan.Images * Steps; n++)
        {
            new ReadOnlySpan<float>(Features + (long)n * FeatureStride, flat).CopyTo(to.AsSpan(n * flat, flat));
        }
    }

    public void TakeCotangents(float[] from)
    {
        var flat = Plan.Encoder.Flat;
        for (var n = 0; n < Plan.Images * Steps; n++)
        {
            from.AsSpan(n * flat, flat).CopyTo(new Span<float>(FeatureBars + (long)n * FeatureStride, flat));
        }
    }

    public void Commit(float[][] buffers)
    {
        if (mode.IsTraining)
        {
            foreach (var step in statistics)
            {
                foreach (var norm in step) norm.Fold(buffers);
            }
        }
        Plan.Encoder.CountPasses(buffers, Steps);
    }

    public void Dispose()
    {
        foreach (var buffer in kept) buffer.Dispose();
        foreach (var one in scratch) one.Dispose();
        kernelMemory.Dispose();
        vectors.Dispose();
        features.Dispose();
        featureBars.Dispose();
        forward.Dispose();
        backward.Dispose();
    }

    /// <summary>How many steps' values there is memory for; the last slot is shared by all steps that have none of their own.</summary>
    private static int Slots(EncoderPlan plan, int steps, long keptBytes) =>
        (int)Math.Clamp(keptBytes / AlignedBuffer.BytesFor(plan.Values), 1, steps);

    private StepInHand Step(int t) => new(
        images, t, Steps, mode.IsTraining, passes[t], kernelMemory.Pointer, kernelMemory.Pointer + Plan.Weights,
        kept[Math.Min(t, kept.Length - 1)].Pointer, vectors.Pointer + t * Plan.Vectors);
}
