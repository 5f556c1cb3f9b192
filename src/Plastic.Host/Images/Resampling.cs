namespace Plastic.Host;

/// <summary>
/// Resizes images: a Lanczos window of three lobes, as wide as the pixels of the smaller image where it shrinks; rows first, then columns,
/// each rounded to bytes, with weights of 22 bits. These are the bytes that Pillow's LANCZOS gives.
/// </summary>
internal static class Resampling
{
    private const double Lobes = 3;
    private const int WeightBits = 22;

    /// <summary>Makes an image square, whatever its shape. One of the right size is copied.</summary>
    public static void Square(PixelImage image, int side, Span<byte> into)
    {
        if (image.Width == side && image.Height == side)
        {
            image.Bytes.AsSpan(0, into.Length).CopyTo(into);
            return;
        }
        var rows = new byte[side * image.Height * 3];
        Along(image.Bytes, image.Width, 3, image.Height, image.Width * 3, side, rows, side * 3);
        Along(rows, image.Height, side * 3, side, 3, side, into, 3);
    }

    /// <summary>Resizes lines of pixels from `length` to `side` pixels.</summary>
    /// <param name="from">The pixels.</param>
    /// <param name="length">Pixels of a line.</param>
    /// <param name="step">Bytes from a pixel of a line to the next; the same in both images.</param>
    /// <param name="lines">How many lines.</param>
    /// <param name="stride">Bytes from a line to the next.</param>
    /// <param name="side">Pixels of a resized line.</param>
    /// <param name="into">The resized lines.</param>
    /// <param name="newStride">Bytes from a resized line to the next.</param>
    private static void Along(
        ReadOnlySpan<byte> from, int length, int step, int lines, int stride, int side, Span<byte> into, int newStride)
    {
        for (var at = 0; at < side; at++)
        {
            var (first, weights) = Weights(length, side, at);
            for (var line = 0; line < lines; line++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var sum = 1 << (WeightBits - 1);
                    var place = line * stride + first * step + channel;
                    foreach (var weight in weights)
                    {
                        sum += from[place] * weight;
                        place += step;
                    }
                    into[line * newStride + at * step + channel] = (byte)Math.Clamp(sum >> WeightBits, 0, 255);
                }
            }
        }
    }

    /// <summary>Which pixels of a line make a pixel of the resized one, and how much each counts.</summary>
    private static (int First, int[] Weights) Weights(int length, int side, int at)
    {
        var scale = (double)length / side;
        var width = Math.Max(scale, 1);
        var centre = (at + 0.5) * scale;
        var first = Math.Max(0, (int)(centre - Lobes * width + 0.5));
        var end = Math.Min(length, (int)(centre + Lobes * width + 0.5));
        var weights = Enumerable.Range(first, end - first).Select(pixel => Lanczos((pixel - centre + 0.5) / width)).ToArray();
        var total = weights.Sum();
        return (first, [.. weights.Select(weight => Rounded(weight / total * (1 << WeightBits)))]);
    }

    private static int Rounded(double x) => (int)(x < 0 ? x - 0.5 : x + 0.5);

    private static double Lanczos(double x) => Math.Abs(x) < Lobes ? Sinc(x) * Sinc(x / Lobes) : 0;

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
}
