namespace Plastic.Engine;

/// <summary>
/// The adjoint of one step, layer by layer from the last: the sums that a norm's adjoint needs, then for each image the cotangents of the
/// convolution's values, the gradient of its kernel and the cotangents of its input.
/// </summary>
internal sealed unsafe class BackwardStep : IDisposable
{
    private readonly EncoderPlan plan;
    private readonly Crew crew;
    private readonly EncoderKernels kernels;
    private readonly ForwardStep forward;
    private readonly EncoderScratch[] scratch;
    private readonly AlignedBuffer total, shards, sums, inner, outputs, nextOutputs;
    private readonly double[][] scaleBars, shiftBars;

    public BackwardStep(EncoderPlan plan, Crew crew, EncoderKernels kernels, ForwardStep forward, EncoderScratch[] scratch)
    {
        (this.plan, this.crew, this.kernels, this.forward, this.scratch) = (plan, crew, kernels, forward, scratch);
        total = new AlignedBuffer(plan.Weights);
        shards = new AlignedBuffer(plan.Shards);
        sums = new AlignedBuffer(3L * plan.Images * plan.Channels);
        inner = new AlignedBuffer(plan.Images * plan.InnerBar);
        outputs = new AlignedBuffer(plan.Images * plan.OutputBar);
        nextOutputs = new AlignedBuffer(plan.Images * plan.OutputBar);
        scaleBars = Array.ConvertAll(plan.Convolutions, c => new double[c.Norm.Outputs]);
        shiftBars = Array.ConvertAll(plan.Convolutions, c => new double[c.Norm.Outputs]);
    }

    public static long BytesFor(EncoderPlan plan) =>
        AlignedBuffer.BytesFor(plan.Weights) + AlignedBuffer.BytesFor(plan.Shards)
        + AlignedBuffer.BytesFor(3L * plan.Images * plan.Channels) + AlignedBuffer.BytesFor(plan.Images * plan.InnerBar)
        + 2 * AlignedBuffer.BytesFor(plan.Images * plan.OutputBar);

    /// <summary>Starts the gradients of a batch.</summary>
    public void Begin()
    {
        new Span<float>(total.Pointer, checked((int)plan.Weights)).Clear();
        foreach (var bar in scaleBars.Concat(shiftBars)) Array.Clear(bar);
    }

    /// <summary>Adds a step's gradients.</summary>
    /// <param name="step">The step, with its values and norms.</param>
    /// <param name="statistics">Of its norms.</param>
    /// <param name="bars">The cotangents of the first image's features, channel by channel.</param>
    /// <param name="next">Floats from one image's to the next's.</param>
    /// <param name="stop">Cancels the run between layers.</param>
    public void Run(StepInHand step, NormStatistics[] statistics, float* bars, long next, CancellationToken stop)
    {
        float* outputBars = outputs.Pointer, inputBars = nextOutputs.Pointer;
        TakeFeatures(bars, next, outputBars);
        for (var b = plan.Blocks.Length - 1; b >= 0; b--)
        {
            var block = plan.Blocks[b];
            stop.ThrowIfCancellationRequested();
            PoolSums(step, block, outputBars, statistics);
            LastLayer(step, block, outputBars, inputBars);
            for (var k = block.Path.Length - 2; k >= 0; k--)
            {
                stop.ThrowIfCancellationRequested();
                InnerLayer(step, block, k, statistics, inputBars);
            }
            var read = outputBars;
            outputBars = inputBars;
            inputBars = read;
        }
    }

    /// <summary>Hands out the gradients of the batch.</summary>
    public void End(float[][] gradients)
    {
        foreach (var c in plan.Convolutions)
        {
            c.Unpack(total.Pointer + c.WeightAt, gradients[c.Norm.Weight]);
            for (var o = 0; o < c.Norm.Outputs; o++)
            {
                gradients[c.Norm.Scale][o] = (float)scaleBars[c.Number][o];
                gradients[c.Norm.Shift][o] = (float)shiftBars[c.Number][o];
            }
        }
    }

    public void Dispose()
    {
        total.Dispose();
        shards.Dispose();
        sums.Dispose();
        inner.Dispose();
        outputs.Dispose();
        nextOutputs.Dispose();
    }

    private void TakeFeatures(float* bars, long next, float* to)
    {
        var block = plan.Blocks[^1];
        var shape = block.Output;
        for (var image = 0; image < plan.Images; image++)
        {
            var from = bars + image * next;
            for (var c = 0; c < block.Last.Norm.Outputs; c++)
            {
                for (var y = 0; y < shape.Side; y++)
                {
                    for (var x = 0; x < shape.Side; x++)
                    {
                        to[image * shape.Size + y * shape.Row + (long)x * shape.Channels + c] = *from++;
                    }
                }
            }
        }
    }

    private void PoolSums(StepInHand step, BlockPlan block, float* outputBars, NormStatistics[] statistics)
    {
        var channels = block.Output.Channels;
        crew.Run(plan.Images, (worker, image) =>
        {
            var at = sums.Pointer + 3L * image * channels;
            kernels.PoolSums(
                step.Block(block, image), forward.Slope, forward.Left(step, block, image, worker),
                outputBars + image * block.Output.Size, block.Output.Row, at, at + channels, at + 2 * channels);
        });
        Bars(step, block.Last, sums.Pointer + channels, 3L * channels, statistics);
        if (block.Shortcut is { } shortcut) Bars(step, shortcut, sums.Pointer + 2 * channels, 3L * channels, statistics);
    }

    private void Bars(StepInHand step, ConvolutionPlan c, float* products, long next, NormStatistics[] statistics) =>
        statistics[c.Number].Bars(
            sums.Pointer, products, next, step.IsTraining, step.Norm(c), scaleBars[c.Number], shiftBars[c.Number]);

    /// <summary>The last convolution of a block's path, and its shortcut: their norms' cotangents come from the pool.</summary>
    private void LastLayer(StepInHand step, BlockPlan block, float* outputBars, float* inputBars)
    {
        var last = block.Path.Length - 1;
        InShards(block.Shortcut is { } beside ? [block.Last, beside] : [block.Last], (worker, image, kernelBars) =>
        {
            float* bar = scratch[worker].Bar(block), shortcutBar = scratch[worker].ShortcutBar(block);
            kernels.PoolBar(
                step.Block(block, image), forward.Slope, forward.Left(step, block, image, worker),
                outputBars + image * block.Output.Size, block.Output.Row, bar, shortcutBar);
            if (block.Shortcut is { } shortcut)
            {
                var x = forward.Input(step, block, 0, image, worker);
                Adjoint(step, shortcut, x, shortcutBar, kernelBars + block.Last.Weights, inputBars + image * shortcut.Input.Size, false, worker);
            }
            Path(step, block, last, image, worker, bar, kernelBars, inputBars);
        });
    }

    /// <summary>Another convolution of a block's path: its norm's cotangents come from the next convolution.</summary>
    private void InnerLayer(StepInHand step, BlockPlan block, int k, NormStatistics[] statistics, float* inputBars)
    {
        var c = block.Path[k];
        var channels = c.Output.Channels;
        Bars(step, c, sums.Pointer + channels, 2L * channels, statistics);
        InShards([c], (worker, image, kernelBars) =>
        {
            var bar = scratch[worker].Bar(block);
            kernels.NormBar(step.Values(c, image), c.Output, step.Norm(c), inner.Pointer + image * plan.InnerBar, bar);
            Path(step, block, k, image, worker, bar, kernelBars, inputBars);
        });
    }

    /// <summary>The adjoint of convolution k of a block's path for one image, and of the activation before it.</summary>
    private void Path(StepInHand step, BlockPlan block, int k, int image, int worker, float* bar, float* kernelBars, float* inputBars)
    {
        var c = block.Path[k];
        var x = forward.Input(step, block, k, image, worker);
        if (k == 0)
        {
            Adjoint(step, c, x, bar, kernelBars, inputBars + image * c.Input.Size, isContinued: block.Shortcut is not null, worker);
            return;
        }
        var xBar = inner.Pointer + image * plan.InnerBar;
        Adjoint(step, c, x, bar, kernelBars, xBar, isContinued: false, worker);
        var before = block.Path[k - 1];
        var at = sums.Pointer + 2L * image * before.Output.Channels;
        kernels.ActivateBar(
            step.Values(before, image), before.Output, step.Norm(before), forward.Slope, xBar, at, at + before.Output.Channels);
    }

    private void Adjoint(
        StepInHand step, ConvolutionPlan c, float* x, float* bar, float* kernelBar, float* xBar, bool isContinued, int worker)
    {
        var tiles = scratch[worker].Tiles;
        kernels.AddGradient(c, x, bar, kernelBar, tiles);
        if (c.HasInputBar) kernels.Convolve(c, bar, step.TransposedKernel(c), xBar, c.Output, c.Input.Channels, isContinued, tiles);
    }

    private delegate void ImageWork(int worker, int image, float* kernelBars);

    /// <summary>Does something for all images, in shards that add up the gradients of kernels; then adds up the shards in order.</summary>
    private void InShards(ConvolutionPlan[] convolutions, ImageWork work)
    {
        var size = convolutions.Sum(c => c.Weights);
        var count = plan.ShardsFor(convolutions);
        var first = shards.Pointer;
        crew.Run(count, (worker, shard) =>
        {
            var bars = first + shard * size;
            new Span<float>(bars, checked((int)size)).Clear();
            for (var image = plan.Images * shard / count; image < plan.Images * (shard + 1) / count; image++) work(worker, image, bars);
        });
        var at = 0L;
        foreach (var c in convolutions)
        {
            var from = first + at;
            var to = total.Pointer + c.WeightAt;
            const int Range = 4096;
            crew.Run((int)((c.Weights + Range - 1) / Range), (_, range) =>
            {
                var k = (long)range * Range;
                kernels.AddAll(from + k, size, count, to + k, (int)Math.Min(Range, c.Weights - k));
            });
            at += c.Weights;
        }
    }
}
