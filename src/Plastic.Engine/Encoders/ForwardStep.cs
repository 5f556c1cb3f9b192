using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// The forward pass of one step. A layer is done with all images before the next begins, since its norm needs the statistics of all; what
/// convolutions give is kept, and every input is made again where it is read.
/// </summary>
internal sealed unsafe class ForwardStep : IDisposable
{
    private readonly EncoderPlan plan;
    private readonly Crew crew;
    private readonly EncoderKernels kernels;
    private readonly BlockDrops[] drops;
    private readonly EncoderScratch[] scratch;
    private readonly AlignedBuffer sums;
    private readonly int[] counts;
    // The factor of what squares leave, for each step and block.
    private readonly float[,] factors;

    public ForwardStep(EncoderPlan plan, int steps, Crew crew, EncoderKernels kernels, IEncoderDrops drops, EncoderScratch[] scratch)
    {
        (this.plan, this.crew, this.kernels, this.scratch) = (plan, crew, kernels, scratch);
        this.drops = Array.ConvertAll(plan.Blocks, b => new BlockDrops(b, drops));
        sums = new AlignedBuffer(SumFloats(plan));
        counts = new int[plan.Images];
        factors = new float[steps, plan.Blocks.Length];
    }

    public static long BytesFor(EncoderPlan plan) => AlignedBuffer.BytesFor(SumFloats(plan));

    /// <summary>Values, statistics and norms of every convolution.</summary>
    public void Run(StepInHand step, NormStatistics[] statistics, float[][] parameters, float[][] buffers, CancellationToken stop)
    {
        foreach (var block in plan.Blocks)
        {
            for (var k = 0; k < block.Path.Length; k++)
            {
                stop.ThrowIfCancellationRequested();
                Layer(step, block, k, withSums: step.IsTraining);
                var at = sums.Pointer;
                foreach (var c in block.Reading(k))
                {
                    if (step.IsTraining)
                    {
                        statistics[c.Number].OfBatch(at, parameters, step.Norm(c));
                    }
                    else
                    {
                        statistics[c.Number].OfRunning(buffers, parameters, step.Norm(c));
                    }
                    at += 2L * plan.Images * c.Output.Channels;
                }
            }
            CountLeft(step, block);
        }
    }

    /// <summary>The values again, with the norms that are there.</summary>
    public void Values(StepInHand step, CancellationToken stop)
    {
        foreach (var block in plan.Blocks)
        {
            for (var k = 0; k < block.Path.Length; k++)
            {
                stop.ThrowIfCancellationRequested();
                Layer(step, block, k, withSums: false);
            }
        }
    }

    /// <summary>The output of the last block, channel by channel.</summary>
    /// <param name="step">The step.</param>
    /// <param name="to">Takes the features of the first image.</param>
    /// <param name="next">Floats from one image's features to the next's.</param>
    public void Features(StepInHand step, float* to, long next)
    {
        var block = plan.Blocks[^1];
        var shape = block.Output;
        var row = (long)shape.Side * shape.Channels;
        crew.Run(plan.Images, (worker, image) =>
        {
            var output = scratch[worker].Output;
            Output(step, block, image, worker, output, row);
            var into = to + image * next;
            for (var c = 0; c < block.Last.Norm.Outputs; c++)
            {
                for (var k = 0; k < shape.Side * shape.Side; k++) *into++ = output[(long)k * shape.Channels + c];
            }
        });
    }

    /// <summary>Makes the input of a block's convolution k, with its border, in a worker's memory.</summary>
    public float* Input(StepInHand step, BlockPlan block, int k, int image, int worker)
    {
        var c = block.Path[k];
        var to = scratch[worker].Input(c);
        if (k > 0)
        {
            var before = block.Path[k - 1];
            kernels.Activate(step.Values(before, image), before.Output, step.Norm(before), Slope, to);
        }
        else if (block.Number > 0)
        {
            Output(step, plan.Blocks[block.Number - 1], image, worker, to + c.Input.Inside, c.Input.BorderedRow);
        }
        else
        {
            Image(step, c.Input, image, to);
        }
        return to;
    }

    /// <summary>The factors of what dropping leaves of a block's output, in a worker's memory; null where nothing is dropped.</summary>
    public float* Left(StepInHand step, BlockPlan block, int image, int worker)
    {
        if (!step.IsTraining || block.Dropping.IsNone) return null;
        var factor = block.Dropping.IsSquares ? factors[step.Number, block.Number] : drops[block.Number].ElementFactor;
        drops[block.Number].Write(step.Pass, image, factor, scratch[worker].Bytes, scratch[worker].Left);
        return scratch[worker].Left;
    }

    /// <summary>The slope of activations below zero.</summary>
    public float Slope => (float)plan.Encoder.Slope;

    public void Dispose() => sums.Dispose();

    private static long SumFloats(EncoderPlan plan) => 4L * plan.Images * plan.Channels;

    private void Layer(StepInHand step, BlockPlan block, int k, bool withSums)
    {
        var convolutions = block.Reading(k).ToArray();
        crew.Run(plan.Images, (worker, image) =>
        {
            var x = Input(step, block, k, image, worker);
            var at = sums.Pointer;
            foreach (var c in convolutions)
            {
                var z = step.Values(c, image);
                kernels.Convolve(c, x, step.Kernel(c), z, c.Input, c.Output.Channels, isContinued: false, scratch[worker].Tiles);
                var mean = at + 2L * image * c.Output.Channels;
                if (withSums) kernels.Statistics(z, c.Output, mean, mean + c.Output.Channels);
                at += 2L * plan.Images * c.Output.Channels;
            }
        });
    }

    private void Output(StepInHand step, BlockPlan block, int image, int worker, float* to, long row) =>
        kernels.Pool(step.Block(block, image), Slope, Left(step, block, image, worker), to, row);

    private void CountLeft(StepInHand step, BlockPlan block)
    {
        if (!step.IsTraining || !block.Dropping.IsSquares) return;
        crew.Run(plan.Images, (worker, image) =>
            counts[image] = drops[block.Number].Count(step.Pass, image, scratch[worker].Bytes));
        var left = counts.Sum(count => (long)count);
        var all = (long)plan.Images * block.Output.Side * block.Output.Side * block.Last.Norm.Outputs;
        factors[step.Number, block.Number] = (float)((double)all / left);
    }

    private static void Image(StepInHand step, MapShape shape, int image, float* to)
    {
        var plane = shape.Side * shape.Side;
        var from = step.Images.AsSpan(step.Place(image) * 3 * plane, 3 * plane);
        for (var y = 0; y < shape.Side; y++)
        {
            var into = to + shape.Inside + y * shape.BorderedRow;
            for (var x = 0; x < shape.Side; x++, into += 4)
            {
                var at = y * shape.Side + x;
                (into[0], into[1], into[2]) = (from[at], from[plane + at], from[2 * plane + at]);
            }
        }
    }
}
