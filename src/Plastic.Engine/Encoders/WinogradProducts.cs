namespace Plastic.Engine;

/// <summary>For each place of a tile, the product of its numbers with the kernel's matrix, over channels.</summary>
/// <param name="from">The inputs' tiles.</param>
/// <param name="w">[16][input channels][output channels].</param>
/// <param name="to">Takes the products.</param>
/// <param name="tiles">How many there are.</param>
internal readonly unsafe struct TileProducts(TilePlanes from, float* w, TilePlanes to, int tiles) : IRegisterKernel
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        int inputs = from.Channels, outputs = to.Channels;
        for (var place = 0; place < Winograd.Places; place++)
        {
            var matrix = w + (long)place * inputs * outputs;
            var vectors = new VectorTile(from[place], inputs, 1);
            var products = new Write(to[place]);
            for (int j = 0, strip; j < outputs; j += strip)
            {
                strip = ProductTile<R>.Strip(outputs - j);
                ManyVectors<R>.Multiply(matrix + j, outputs, strip, vectors, tiles, inputs, products, j, outputs);
            }
        }
    }
}

/// <summary>w̄ ← w̄ + Σ of the products of inputs and cotangents, over tiles, for each place of a tile.</summary>
/// <param name="from">The inputs' tiles.</param>
/// <param name="bars">The cotangents' tiles.</param>
/// <param name="wBar">[16][input channels][output channels].</param>
/// <param name="tiles">How many there are.</param>
internal readonly unsafe struct TileGradients(TilePlanes from, TilePlanes bars, float* wBar, int tiles) : IRegisterKernel
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        int inputs = from.Channels, outputs = bars.Channels;
        for (var place = 0; place < Winograd.Places; place++)
        {
            var vectors = new VectorTile(from[place], 1, inputs);
            var sums = new Continue(wBar + (long)place * inputs * outputs);
            for (int j = 0, strip; j < outputs; j += strip)
            {
                strip = ProductTile<R>.Strip(outputs - j);
                ManyVectors<R>.Multiply(bars[place] + j, outputs, strip, vectors, inputs, tiles, sums, j, outputs);
            }
        }
    }
}
