using Plastic.Core;

namespace Plastic.Engine;

/// <summary>A block of an encoder and the plans of its convolutions.</summary>
internal sealed class BlockPlan(EncoderBlock block, int number, ConvolutionPlan[] path, ConvolutionPlan? shortcut)
{
    /// <summary>Its number in the encoder.</summary>
    public int Number => number;

    /// <summary>The convolutions of its path, in order.</summary>
    public ConvolutionPlan[] Path => path;

    /// <summary>The convolution beside them, if there is one.</summary>
    public ConvolutionPlan? Shortcut => shortcut;

    public ConvolutionPlan Last => path[^1];

    public Dropping Dropping => block.Dropping;

    /// <summary>The shape of its output, as its cotangent is stored.</summary>
    public MapShape Output { get; } = new(block.Pooled, path[^1].Output.Channels);

    /// <summary>The convolutions that read the same input as convolution k of the path.</summary>
    public IEnumerable<ConvolutionPlan> Reading(int k) => k == 0 && shortcut is not null ? [path[0], shortcut] : [path[k]];
}
