namespace Plastic.Host;

/// <summary>The sizes of the pictures of an import, and the side that its images get: the one given, or the pictures' own.</summary>
internal sealed class PictureSizes(int? given)
{
    private readonly HashSet<(int Width, int Height)> resized = [];
    private int? own;

    /// <summary>The side that a picture gets.</summary>
    /// <exception cref="FormatException">No side was given, and it is not square, of another size than those before, or of one that sets cannot have.</exception>
    public int SideOf(int width, int height)
    {
        if (given is { } side)
        {
            if ((width, height) != (side, side)) resized.Add((width, height));
            return side;
        }
        if (width != height || width is < ImageSetFacts.LeastSide or > ImageSetFacts.MostSide)
        {
            throw new FormatException($"{Text((width, height))} pixels: say with --side N ({ImageSetFacts.LeastSide} to {ImageSetFacts.MostSide}) what pictures are resized to");
        }
        return (own ??= width) == width
            ? width
            : throw new FormatException($"{Text((width, height))} pixels, others have {Text((own.Value, own.Value))}: say with --side N what pictures are resized to");
    }

    /// <summary>From which sizes pictures were resized; null where none was.</summary>
    public string? Resized => resized.Count switch
    {
        0 => null,
        1 => $"{Text(resized.Single())} resized to {Text((given!.Value, given.Value))}",
        _ => $"pictures of {resized.Count} sizes resized to {Text((given!.Value, given.Value))}",
    };

    private static string Text((int Width, int Height) size) => $"{size.Width} × {size.Height}";
}
