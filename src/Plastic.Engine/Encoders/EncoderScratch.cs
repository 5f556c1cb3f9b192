namespace Plastic.Engine;

/// <summary>One worker's memory: maps of one image. Borders are zero from the start and never written.</summary>
internal sealed unsafe class EncoderScratch : IDisposable
{
    private readonly AlignedBuffer memory;
    private readonly float*[] inputs, bars, shortcutBars;

    public EncoderScratch(EncoderPlan plan)
        : this(plan, Floats(plan))
    {
        var pieces = new BumpAllocator(memory.Pointer);
        Allot(ref pieces, plan);
        Bytes = new byte[2 * plan.Blocks.Max(b => b.Output.Side * b.Output.Side * b.Last.Output.Channels)];
    }

    private EncoderScratch(EncoderPlan plan, long floats)
    {
        inputs = new float*[plan.Convolutions.Length];
        bars = new float*[plan.Blocks.Length];
        shortcutBars = new float*[plan.Blocks.Length];
        memory = new AlignedBuffer(floats);
    }

    /// <summary>Bytes that a worker takes.</summary>
    public static long BytesFor(EncoderPlan plan) => AlignedBuffer.BytesFor(Floats(plan));

    private static long Floats(EncoderPlan plan)
    {
        using var nowhere = new EncoderScratch(plan, 0);
        var sizes = default(BumpAllocator);
        nowhere.Allot(ref sizes, plan);
        return sizes.Floats;
    }

    /// <summary>The input of a convolution, with a border. A shortcut reads that of its block's first convolution.</summary>
    public float* Input(ConvolutionPlan c) => inputs[c.Number];

    /// <summary>The cotangents of the values of a block's path, with a border; and of its shortcut.</summary>
    public float* Bar(BlockPlan b) => bars[b.Number];

    public float* ShortcutBar(BlockPlan b) => shortcutBars[b.Number];

    /// <summary>What dropping leaves of an image, as factors [side][side][channels].</summary>
    public float* Left { get; private set; }

    /// <summary>An output of the last block.</summary>
    public float* Output { get; private set; }

    /// <summary>What a convolution in tiles works with.</summary>
    public float* Tiles { get; private set; }

    /// <summary>What is left and where corners are, in bytes.</summary>
    public byte[] Bytes { get; } = [];

    public void Dispose() => memory.Dispose();

    private void Allot(ref BumpAllocator from, EncoderPlan plan)
    {
        foreach (var b in plan.Blocks)
        {
            foreach (var c in b.Path)
            {
                inputs[c.Number] = from.Allot(c.Input.BorderedSize);
            }
            bars[b.Number] = from.Allot(b.Last.Output.BorderedSize);
            if (b.Shortcut is { } shortcut)
            {
                inputs[shortcut.Number] = inputs[b.Path[0].Number];
                shortcutBars[b.Number] = from.Allot(b.Last.Output.BorderedSize);
            }
        }
        Left = from.Allot(plan.OutputBar);
        Output = from.Allot(plan.OutputBar);
        Tiles = from.Allot(plan.Tiles);
    }
}
