namespace Plastic.Engine;

/// <summary>
/// Convolutions by 3 × 3 kernels g, four values at a time from a tile d of 4 × 4 inputs: Aᵀ[(G g Gᵀ) ∘ (Bᵀ d B)]A, Winograd's minimal
/// filtering F(2 × 2, 3 × 3) (Lavin and Gray, 2016). The products, over channels, are one matrix for each of a tile's sixteen places: 4
/// multiply-adds for a value and channel instead of 9. A kernel is stored as G g Gᵀ, and its gradient is added up in that form too,
/// (Bᵀ d B) ∘ (A z̄ Aᵀ); <see cref="FromTiles"/> takes it back.
/// </summary>
internal static unsafe class Winograd
{
    /// <summary>Places of a tile.</summary>
    public const int Places = 16;

    /// <summary>Tiles that are in hand at once, if they are whole rows: they stay in the second-level cache.</summary>
    private const int AtOnce = 64;

    /// <summary>Bytes of a kernel. A larger one is read from memory for every image, and the plain kernel has fewer.</summary>
    private const long MostBytes = 8L << 20;

    /// <summary>Whether tiles cover the image, and the kernel is small enough.</summary>
    public static bool Suits(MapShape input, int outputs) =>
        input.Side % 2 == 0 && (long)Places * sizeof(float) * input.Channels * outputs <= MostBytes;

    /// <summary>Floats of memory that a worker needs for maps of this side.</summary>
    public static long Floats(int side, int inputs, int outputs) => Places * (Plane(side, inputs) + Plane(side, outputs));

    /// <summary>z = x ∗ w of one image.</summary>
    /// <param name="kernels">The machine's kernels.</param>
    /// <param name="x">The image with its border.</param>
    /// <param name="w">[16][input channels][output channels].</param>
    /// <param name="z">Takes the values, without a border.</param>
    /// <param name="input">The shape of x.</param>
    /// <param name="outputs">Channels of z.</param>
    /// <param name="isContinued">Whether the values are added to what z holds.</param>
    /// <param name="memory">As many floats as <see cref="Floats"/> says.</param>
    public static void Convolve(
        EncoderKernels kernels, float* x, float* w, float* z, MapShape input, int outputs, bool isContinued, float* memory)
    {
        var output = input with { Channels = outputs };
        var from = new TilePlanes(memory, input.Channels, Plane(input.Side, input.Channels));
        var to = new TilePlanes(memory + Places * from.Next, outputs, Plane(input.Side, outputs));
        foreach (var (row, rows) in Parts(input.Side))
        {
            kernels.Run(new InputTiles(x + 2 * row * input.BorderedRow, input, rows, from));
            kernels.Run(new TileProducts(from, w, to, rows * input.Side / 2));
            kernels.Run(new OutputTiles(to, rows, z + 2 * row * output.Row, output, isContinued));
        }
    }

    /// <summary>w̄ ← w̄ + x ∗ z̄ of one image, in the form of <see cref="Convolve"/>'s kernel.</summary>
    /// <param name="kernels">The machine's kernels.</param>
    /// <param name="x">The image with its border.</param>
    /// <param name="zBar">The cotangents with their border.</param>
    /// <param name="wBar">[16][input channels][output channels].</param>
    /// <param name="input">The shape of x.</param>
    /// <param name="outputs">Channels of z̄.</param>
    /// <param name="memory">As many floats as <see cref="Floats"/> says.</param>
    public static void AddGradient(
        EncoderKernels kernels, float* x, float* zBar, float* wBar, MapShape input, int outputs, float* memory)
    {
        var output = input with { Channels = outputs };
        var from = new TilePlanes(memory, input.Channels, Plane(input.Side, input.Channels));
        var bars = new TilePlanes(memory + Places * from.Next, outputs, Plane(input.Side, outputs));
        foreach (var (row, rows) in Parts(input.Side))
        {
            kernels.Run(new InputTiles(x + 2 * row * input.BorderedRow, input, rows, from));
            kernels.Run(new BarTiles(zBar + output.Inside + 2 * row * output.BorderedRow, output, rows, bars));
            kernels.Run(new TileGradients(from, bars, wBar, rows * input.Side / 2));
        }
    }

    /// <summary>G g Gᵀ of a kernel of nine numbers.</summary>
    public static void ToTiles(ReadOnlySpan<float> g, Span<float> to)
    {
        Span<float> half = stackalloc float[12];
        for (var k = 0; k < 3; k++) Spread(g[k], g[3 + k], g[6 + k], half[k..], 3);
        for (var k = 0; k < 4; k++) Spread(half[3 * k], half[3 * k + 1], half[3 * k + 2], to[(4 * k)..], 1);

        static void Spread(float a, float b, float c, Span<float> to, int next) =>
            (to[0], to[next], to[2 * next], to[3 * next]) = (a, (a + b + c) / 2, (a - b + c) / 2, c);
    }

    /// <summary>Gᵀ t G, the adjoint of <see cref="ToTiles"/>.</summary>
    public static void FromTiles(ReadOnlySpan<float> t, Span<float> to)
    {
        Span<float> half = stackalloc float[12];
        for (var k = 0; k < 4; k++) Gather(t[k], t[4 + k], t[8 + k], t[12 + k], half[k..], 4);
        for (var k = 0; k < 3; k++) Gather(half[4 * k], half[4 * k + 1], half[4 * k + 2], half[4 * k + 3], to[(3 * k)..], 1);

        static void Gather(float a, float b, float c, float d, Span<float> to, int next) =>
            (to[0], to[next], to[2 * next]) = (a + (b + c) / 2, (b - c) / 2, (b + c) / 2 + d);
    }

    private static int RowsAtOnce(int side) => Math.Clamp(AtOnce / (side / 2), 1, side / 2);

    // Not a power of two, or the places of a tile would meet in one set of the cache.
    private static long Plane(int side, int channels) => (RowsAtOnce(side) * (side / 2) + 3L) / 4 * 4 * channels + Lanes.Count;

    /// <summary>The first row of tiles and the number of rows, part by part.</summary>
    private static IEnumerable<(int Row, int Rows)> Parts(int side)
    {
        var rows = RowsAtOnce(side);
        for (var row = 0; row < side / 2; row += rows) yield return (row, Math.Min(rows, side / 2 - row));
    }
}
