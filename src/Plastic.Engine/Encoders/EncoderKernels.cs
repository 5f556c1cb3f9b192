namespace Plastic.Engine;

/// <summary>What is done with one image's values, with the lanes of one machine.</summary>
internal abstract unsafe class EncoderKernels
{
    /// <summary>Kernels for the widest lanes that this machine runs at full speed.</summary>
    public static EncoderKernels Create() =>
        WideLanes.IsAccelerated ? new EncoderKernels<WideLanes>()
        : PairLanes.IsAccelerated ? new EncoderKernels<PairLanes>() : new EncoderKernels<QuadLanes>();

    /// <summary>Runs a kernel that is written for single registers.</summary>
    public abstract void Run<TKernel>(TKernel kernel) where TKernel : struct, IRegisterKernel;

    /// <summary>z = x ∗ w of one image, or z + x ∗ w.</summary>
    /// <param name="c">The convolution.</param>
    /// <param name="x">The image with its border.</param>
    /// <param name="w">Its kernel as it is stored, or the transposed one.</param>
    /// <param name="z">Takes the values, without a border.</param>
    /// <param name="input">The shape of x.</param>
    /// <param name="outputs">Channels of z.</param>
    /// <param name="isContinued">Whether the sums start from what z holds.</param>
    /// <param name="tiles">Memory for tiles.</param>
    public void Convolve(ConvolutionPlan c, float* x, float* w, float* z, MapShape input, int outputs, bool isContinued, float* tiles)
    {
        if (c.IsTiled)
        {
            Winograd.Convolve(this, x, w, z, input, outputs, isContinued, tiles);
        }
        else
        {
            Run(new Convolution(x, w, z, c.Norm.Kernel, input, outputs, isContinued));
        }
    }

    /// <summary>w̄ ← w̄ + x ∗ z̄ of one image; x and z̄ have borders, w̄ is as the kernel is stored.</summary>
    public void AddGradient(ConvolutionPlan c, float* x, float* zBar, float* wBar, float* tiles)
    {
        if (c.IsTiled)
        {
            Winograd.AddGradient(this, x, zBar, wBar, c.Input, c.Output.Channels, tiles);
        }
        else
        {
            Run(new ConvolutionGradient(x, zBar, wBar, c.Norm.Kernel, c.Input, c.Output.Channels));
        }
    }

    /// <summary>The mean of each channel over an image, and Σ(z − mean)².</summary>
    public abstract void Statistics(float* z, MapShape shape, float* mean, float* squares);

    /// <summary>The activations of an inner norm, into a map with a border.</summary>
    public abstract void Activate(float* z, MapShape shape, NormVectors norm, float slope, float* to);

    /// <summary>ȳ ← ȳ·activation′(y) of an inner norm, with Σȳ and Σȳ·(z − mean).</summary>
    public abstract void ActivateBar(float* z, MapShape shape, NormVectors norm, float slope, float* bar, float* sums, float* products);

    /// <summary>z̄ of an inner norm from ȳ, into a map with a border.</summary>
    public abstract void NormBar(float* z, MapShape shape, NormVectors norm, float* bar, float* to);

    /// <summary>A block's output: activation, 2 × 2 max-pool, and what dropping leaves.</summary>
    /// <param name="block">Its values.</param>
    /// <param name="slope">Of the activation below zero.</param>
    /// <param name="left">The factor of each value, [side / 2][side / 2][channels]; null for 1.</param>
    /// <param name="to">Takes the output's first pixel.</param>
    /// <param name="toRow">Floats from one row of it to the next.</param>
    public abstract void Pool(in BlockValues block, float slope, float* left, float* to, long toRow);

    /// <summary>Σs̄, Σs̄·(z − mean) and the same of the shortcut, where s̄ is the cotangent of the sum of path and shortcut.</summary>
    /// <param name="block">Its values.</param>
    /// <param name="slope">Of the activation below zero.</param>
    /// <param name="left">As for <see cref="Pool"/>.</param>
    /// <param name="bar">The cotangent of the output.</param>
    /// <param name="barRow">Floats from one row of it to the next.</param>
    /// <param name="sums">Takes the sums.</param>
    /// <param name="products">Takes the products with the path's values.</param>
    /// <param name="shortcutProducts">Takes those with the shortcut's, if there is one.</param>
    public abstract void PoolSums(
        in BlockValues block, float slope, float* left, float* bar, long barRow, float* sums, float* products, float* shortcutProducts);

    /// <summary>z̄ of path and shortcut, into maps with a border; as for <see cref="PoolSums"/>.</summary>
    public abstract void PoolBar(
        in BlockValues block, float slope, float* left, float* bar, long barRow, float* to, float* shortcutTo);

    /// <summary>Adds up parts in order, and the sum to what is there.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="next">Floats from one part to the next.</param>
    /// <param name="count">How many parts there are.</param>
    /// <param name="to">Is added to.</param>
    /// <param name="length">Floats of a part, whole vectors.</param>
    public abstract void AddAll(float* from, long next, int count, float* to, int length);
}
