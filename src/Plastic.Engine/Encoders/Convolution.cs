namespace Plastic.Engine;

/// <summary>
/// z = x ∗ w of one image, a few neighbouring pixels at a time: the inputs of a pixel in one row of the kernel lie side by side, so each row
/// of the kernel is a product of a matrix with the pixels' vectors. Every sum is one chain over the kernel's places and channels in order,
/// whatever the tiles.
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
    /// <summary>Bytes of the kernel that stay in the first-level cache while all pixels pass.</summary>
    private const int Bytes = 24 << 10;

    public void Run<R>() where R : struct, IRegister<R>
    {
        var across = kernel * input.Channels;
        var first = x + (kernel == 1 ? input.Inside : 0);
        for (int j = 0, strip; j < outputs; j += strip)
        {
            strip = ProductTile<R>.Strip(outputs - j);
            var most = Bytes / (sizeof(float) * strip);
            var blocks = (across + most - 1) / most;
            var rows = (across + blocks - 1) / blocks;
            for (var k = 0; k < kernel; k++)
            {
                for (var i = 0; i < across; i += rows)
                {
                    Pass<R>(
                        first + k * input.BorderedRow + i, (long)k * across + i, j, strip, Math.Min(rows, across - i),
                        isContinued || k + i > 0);
                }
            }
        }
    }

    /// <summary>All pixels, with so many rows of the kernel's matrix.</summary>
    private void Pass<R>(float* from, long row, int j, int strip, int rows, bool goesOn) where R : struct, IRegister<R>
    {
        var block = w + row * outputs + j;
        if (goesOn)
        {
            Pixels<R, Continue>(from, block, j, strip, rows, new Continue(z));
        }
        else
        {
            Pixels<R, Write>(from, block, j, strip, rows, new Write(z));
        }
    }

    private void Pixels<R, TEpilogue>(float* from, float* block, int j, int strip, int rows, TEpilogue to)
        where R : struct, IRegister<R>
        where TEpilogue : struct, IEpilogue
    {
        for (var y = 0; y < input.Side; y++)
        {
            var pixels = new VectorTile(from + y * input.BorderedRow, input.Channels, 1);
            ManyVectors<R>.Multiply(block, outputs, strip, pixels, input.Columns, rows, to, (long)y * input.Columns * outputs + j, outputs);
        }
    }
}

/// <summary>
/// w̄ ← w̄ + x ∗ z̄ of one image, a few inputs of a kernel's row at a time. Pixels are taken row after row, border columns included, where z̄
/// is zero.
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
    /// <summary>Bytes of pixels that stay in the first-level cache while all places of the kernel pass.</summary>
    private const int Bytes = 24 << 10;

    public void Run<R>() where R : struct, IRegister<R>
    {
        var inputs = input.Channels;
        var columns = input.Columns + 2;
        var length = input.Side * columns - 2;
        for (int j = 0, strip; j < outputs; j += strip)
        {
            strip = ProductTile<R>.Strip(outputs - j);
            var most = Math.Max(32, Bytes / (sizeof(float) * (inputs + strip)));
            for (var p = 0; p < length; p += most)
            {
                Pixels<R>(columns, columns + 1 + p, Math.Min(most, length - p), j, strip);
            }
        }
    }

    private void Pixels<R>(int columns, int at, int count, int j, int strip) where R : struct, IRegister<R>
    {
        var inputs = input.Channels;
        var across = kernel * inputs;
        var bars = zBar + (long)at * outputs + j;
        for (var k = 0; k < kernel; k++)
        {
            // What the kernel's row reads for a pixel lies side by side.
            var from = x + (at + (kernel == 1 ? 0 : (k - 1) * columns - 1)) * (long)inputs;
            ManyVectors<R>.Multiply(
                bars, outputs, strip, new VectorTile(from, 1, inputs), across, count, new Continue(wBar), (long)k * across * outputs + j, outputs);
        }
    }
}
