using Plastic.Core;

namespace Plastic.Engine;

/// <summary>What dropping leaves of the outputs of a block, as factors of its values.</summary>
internal sealed unsafe class BlockDrops(BlockPlan block, IEncoderDrops drops)
{
    private readonly int side = block.Output.Side, channels = block.Last.Norm.Outputs;

    /// <summary>How many values of an image are left.</summary>
    public int Count(long pass, int image, byte[] room)
    {
        var left = Left(pass, image, room);
        var count = 0;
        foreach (var value in left) count += value;
        return count;
    }

    /// <summary>Writes the factor of each value of an image, [side][side][channels].</summary>
    /// <param name="pass">The number of the pass.</param>
    /// <param name="image">The number of the image in its step.</param>
    /// <param name="factor">The factor of what is left.</param>
    /// <param name="room">For bytes.</param>
    /// <param name="to">Takes the factors.</param>
    public void Write(long pass, int image, float factor, byte[] room, float* to)
    {
        var left = Left(pass, image, room);
        var stride = block.Output.Channels;
        for (var c = 0; c < channels; c++)
        {
            for (var k = 0; k < side * side; k++)
            {
                to[(long)k * stride + c] = left[c * side * side + k] * factor;
            }
        }
    }

    /// <summary>The factor of what is left where values are dropped one by one; where squares are, it depends on the batch.</summary>
    public float ElementFactor => block.Dropping is Dropping.Elements elements ? (float)(1 / (1 - elements.rate)) : 1;

    private Span<byte> Left(long pass, int image, byte[] room)
    {
        var left = room.AsSpan(0, channels * side * side);
        if (block.Dropping is Dropping.Squares squares)
        {
            var places = side - squares.side + 1;
            var corners = room.AsSpan(left.Length, channels * places * places);
            drops.Corners(pass, block.Number, image, Encoder.DropProbability(pass, squares.side, side), corners);
            DropSquares.left(corners, channels, side, squares.side, left);
        }
        else if (block.Dropping is Dropping.Elements elements)
        {
            drops.Elements(pass, block.Number, image, elements.rate, left);
        }
        return left;
    }
}
