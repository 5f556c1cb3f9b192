namespace Plastic.Engine;

/// <summary>
/// z = x ∗ w of one image, four neighbouring pixels at a time: the inputs of a pixel in one row of the kernel lie side by side, so each row
/// of the kernel is a product of a matrix with four vectors. Every sum is one chain over the kernel's places and channels in order.
/// </summary>
/// <param name="x">The image with its border.</param>
/// <param name="w">[k · k · input channels][output channels].</param>
/// <param name="z">Takes the values, without a border.</param>
/// <param name="kernel">3 or 1.</param>
/// <param name="input">The shape of x.</param>
/// <param name="outputs">Channels of z.</param>
/// <param name="isContinued">Whether the sums start from what z holds.</param>
internal readonly unsafe struct Convolution(
    float* x, float* w, float* z, int kernel, MapShape input, int outputs, bool isContinued) : IRegisterKernel
{
    /// <summary>Rows of the kernel that stay in the first-level cache while all pixels pass.</summary>
    private const int Most = 128;

    public void Run<R>() where R : struct, IRegister<R>
    {
        var across = kernel * input.Channels;
        var blocks = (across + Most - 1) / Most;
        var rows = (across + blocks - 1) / blocks;
        var first = kernel == 1 ? input.Inside : 0;
        var start = !isContinued;
        for (var k = 0; k < kernel; k++)
        {
            for (var i = 0; i < across; i += rows)
            {
                var from = x + first + k * input.BorderedRow + i;
                var block = w + ((long)k * across + i) * outputs;
                if (start)
                {
                    Pixels<R, Write>(from, block, Math.Min(rows, across - i), new Write(z));
                }
                else
                {
                    Pixels<R, Continue>(from, block, Math.Min(rows, across - i), new Continue(z));
                }
                start = false;
            }
        }
    }

    private void Pixels<R, TEpilogue>(float* from, float* block, int rows, TEpilogue to)
        where R : struct, IRegister<R>
        where TEpilogue : struct, IEpilogue
    {
        for (int j = 0, strip; j < outputs; j += strip)
        {
            strip = ProductTile<R>.Strip(outputs - j);
            for (var y = 0; y < input.Side; y++)
            {
                var row = from + y * input.BorderedRow;
                for (var p = 0; p < input.Columns; p += 4)
                {
                    var pixels = new VectorTile(row + (long)p * input.Channels, input.Channels, 1);
                    ProductTile<R>.Multiply(
                        block + j, outputs, strip, pixels, rows, to, ((long)y * input.Columns + p) * outputs + j, outputs);
                }
            }
        }
    }
}

/// <summary>
/// w̄ ← w̄ + x ∗ z̄ of one image, four input channels at a time. Pixels are taken row after row, border columns included, where z̄ is zero.
/// </summary>
/// <param name="x">The image with its border.</param>
/// <param name="zBar">The cotangents with their border.</param>
/// <param name="wBar">[k · k · input channels][output channels].</param>
/// <param name="kernel">3 or 1.</param>
/// <param name="input">The shape of x.</param>
/// <param name="outputs">Channels of z̄.</param>
internal readonly unsafe struct ConvolutionGradient(
    float* x, float* zBar, float* wBar, int kernel, MapShape input, int outputs) : IRegisterKernel
{
    /// <summary>Pixels that stay in the first-level cache while all places of the kernel pass.</summary>
    private const int Most = 64;

    public void Run<R>() where R : struct, IRegister<R>
    {
        var inputs = input.Channels;
        var columns = input.Columns + 2;
        var length = input.Side * columns - 2;
        for (var p = 0; p < length; p += Most)
        {
            var count = Math.Min(Most, length - p);
            var at = columns + 1 + p;
            for (int j = 0, strip; j < outputs; j += strip)
            {
                strip = ProductTile<R>.Strip(outputs - j);
                for (var tap = 0; tap < kernel * kernel; tap++)
                {
                    var shift = kernel == 1 ? 0 : (tap / 3 - 1) * columns + tap % 3 - 1;
                    for (var c = 0; c < inputs; c += 4)
                    {
                        var channels = new VectorTile(x + (long)(at + shift) * inputs + c, 1, inputs);
                        ProductTile<R>.Multiply(
                            zBar + (long)at * outputs + j, outputs, strip, channels, count, new Continue(wBar),
                            ((long)tap * inputs + c) * outputs + j, outputs);
                    }
                }
            }
        }
    }
}
