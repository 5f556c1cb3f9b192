using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Where an encoder's kernels, values and vectors are, for batches of a given number of episodes.</summary>
internal sealed class EncoderPlan
{
    /// <summary>Floats of gradients that all shards of a pass may take together, and the least and most shards.</summary>
    private const long ShardFloats = 16L << 20;
    private const int FewestShards = 4, MostShards = 16;

    public EncoderPlan(Encoder encoder, int images)
    {
        (Encoder, Images) = (encoder, images);
        var all = new List<ConvolutionPlan>();
        Blocks =
        [
            .. encoder.Blocks.Select((block, number) =>
            {
                ConvolutionPlan Plan(ConvolutionNorm norm, bool isFirst)
                {
                    all.Add(new ConvolutionPlan(norm, block.Side, isFirst, all.Count));
                    return all[^1];
                }
                var path = block.Path.Select((norm, k) => Plan(norm, number == 0 && k == 0)).ToArray();
                return new BlockPlan(block, number, path, block.Shortcut is { } shortcut ? Plan(shortcut.Value, number == 0) : null);
            }),
        ];
        Convolutions = [.. all];
        foreach (var c in Convolutions)
        {
            (c.WeightAt, Weights) = (Weights, Weights + c.Weights);
            (c.ValuesAt, Values) = (Values, Values + images * c.Output.Size);
            (c.NormAt, Vectors) = (Vectors, Vectors + NormVectors.Count * c.Output.Channels);
        }
    }

    public Encoder Encoder { get; }

    /// <summary>Images of a step.</summary>
    public int Images { get; }

    public BlockPlan[] Blocks { get; }

    public ConvolutionPlan[] Convolutions { get; }

    /// <summary>Floats of all kernels.</summary>
    public long Weights { get; }

    /// <summary>Floats of the values of a step: what every convolution gives.</summary>
    public long Values { get; }

    /// <summary>Floats of the vectors of all norms at a step.</summary>
    public long Vectors { get; }

    /// <summary>The most channels of a convolution's output.</summary>
    public int Channels => Convolutions.Max(c => c.Output.Channels);

    /// <summary>Floats of the largest cotangent of an image between blocks.</summary>
    public long OutputBar => Blocks.Max(b => b.Output.Size);

    /// <summary>Floats of the largest cotangent of an image within a block.</summary>
    public long InnerBar => Blocks.Max(b => b.Path.Length > 1 ? b.Last.Output.Size : 0);

    /// <summary>Floats that a convolution in tiles works with.</summary>
    public long Tiles => Convolutions.Max(c => c.IsTiled ? Winograd.Floats(c.Input.Side, c.Input.Channels, c.Output.Channels) : 0);

    /// <summary>
    /// How many shards the images of a step are cut into, each of which adds up its own gradients of some kernels. It depends on the
    /// kernels and the batch alone: so does the order of every sum.
    /// </summary>
    public int ShardsFor(IEnumerable<ConvolutionPlan> convolutions) =>
        (int)Math.Min(Images, Math.Clamp(ShardFloats / convolutions.Sum(c => c.Weights), FewestShards, MostShards));

    /// <summary>Floats that the shards of any pass take.</summary>
    public long Shards =>
        Passes.Max(pass => ShardsFor(pass) * pass.Sum(c => c.Weights));

    /// <summary>The convolutions whose kernels' gradients are added up together.</summary>
    private IEnumerable<ConvolutionPlan[]> Passes =>
        Blocks.SelectMany(b => b.Path.Select(c => c == b.Last && b.Shortcut is { } shortcut ? [c, shortcut] : new[] { c }));
}
