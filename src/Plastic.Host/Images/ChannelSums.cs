namespace Plastic.Host;

/// <summary>The mean and the standard deviation of each channel over all pixels of some images, from exact sums.</summary>
internal sealed class ChannelSums
{
    private readonly UInt128[] sums = new UInt128[3], squares = new UInt128[3];
    private long pixels;

    /// <summary>Adds an image, [side, side, 3].</summary>
    public void Add(ReadOnlySpan<byte> image)
    {
        Span<long> sum = stackalloc long[3], square = stackalloc long[3];
        for (var at = 0; at < image.Length; at += 3)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                long value = image[at + channel];
                sum[channel] += value;
                square[channel] += value * value;
            }
        }
        for (var channel = 0; channel < 3; channel++)
        {
            sums[channel] += (UInt128)sum[channel];
            squares[channel] += (UInt128)square[channel];
        }
        pixels += image.Length / 3;
    }

    /// <summary>Of the images so far; the deviation of a channel that never changes is 1/255.</summary>
    public Normalisation Normalisation
    {
        get
        {
            var mean = sums.Select(sum => (double)sum / pixels / 255).ToArray();
            var deviation = sums.Zip(squares, (sum, square) =>
            {
                var variance = (UInt128)pixels * square - sum * sum;
                return Math.Max(1, Math.Sqrt((double)variance) / pixels) / 255;
            });
            return new Normalisation(mean, [.. deviation]);
        }
    }
}
