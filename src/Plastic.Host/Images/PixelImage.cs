using SkiaSharp;

namespace Plastic.Host;

/// <summary>An image: [height, width, 3] bytes, red, green and blue.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Bytes">Row after row; there may be more, which are not used.</param>
internal readonly record struct PixelImage(int Width, int Height, byte[] Bytes)
{
    /// <summary>The largest picture that is read, and how many of its pixels one byte of a file can stand for.</summary>
    private const long MostPixels = 1 << 25, MostPixelsPerByte = 1024;

    /// <summary>A jpg or png picture. What is transparent becomes white. Colour profiles and orientation marks are not followed.</summary>
    /// <exception cref="FormatException">It is neither, damaged, or larger than 33 million pixels.</exception>
    public static PixelImage Decoded(byte[] file)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data) ?? throw new FormatException("not a jpg or png picture");
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png))
        {
            throw new FormatException($"a picture of the type {codec.EncodedFormat}; only jpg and png are read");
        }
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        var pixels = (long)width * height;
        if (pixels == 0 || pixels > MostPixels || pixels > MostPixelsPerByte * file.Length)
        {
            throw new FormatException($"{width} × {height} pixels, which is too large");
        }
        var shape = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(shape)) throw new FormatException($"{width} × {height} pixels do not fit into memory");
        if (codec.GetPixels(shape, bitmap.GetPixels()) is not SKCodecResult.Success and var result)
        {
            throw new FormatException($"damaged picture ({result})");
        }
        return OnWhite(width, height, bitmap.GetPixelSpan());
    }

    /// <summary>Writes it into a bitmap of its size.</summary>
    /// <param name="bitmap">RGBA, eight bits each.</param>
    public void CopyTo(SKBitmap bitmap)
    {
        var pixels = bitmap.GetPixelSpan();
        for (var at = 0; at < Width * Height; at++)
        {
            Bytes.AsSpan(3 * at, 3).CopyTo(pixels[(4 * at)..]);
            pixels[4 * at + 3] = byte.MaxValue;
        }
        bitmap.NotifyPixelsChanged();
    }

    /// <summary>It as a png file.</summary>
    public byte[] Png()
    {
        using var bitmap = new SKBitmap(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        CopyTo(bitmap);
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static PixelImage OnWhite(int width, int height, ReadOnlySpan<byte> rgba)
    {
        var bytes = new byte[width * height * 3];
        for (int from = 0, to = 0; to < bytes.Length; from += 4, to += 3)
        {
            int alpha = rgba[from + 3];
            for (var channel = 0; channel < 3; channel++)
            {
                bytes[to + channel] = (byte)((rgba[from + channel] * alpha + 255 * (255 - alpha) + 127) / 255);
            }
        }
        return new PixelImage(width, height, bytes);
    }
}
