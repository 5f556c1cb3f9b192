namespace Plastic.Engine;

/// <summary>
/// The values of one image at one place of an encoder, channels last: [rows][columns][channels]. Columns are padded to whole tiles of four
/// pixels and channels to whole vectors (an image's three to four). With a border, there is a row and a column of zeros on every side.
/// </summary>
/// <param name="Side">Rows, and columns that count.</param>
/// <param name="Channels">Floats of a pixel.</param>
internal readonly record struct MapShape(int Side, int Channels)
{
    /// <summary>Columns in memory.</summary>
    public int Columns => (Side + 3) / 4 * 4;

    /// <summary>Floats from one row to the next.</summary>
    public long Row => (long)Columns * Channels;

    /// <summary>Floats of an image.</summary>
    public long Size => Side * Row;

    /// <summary>Floats from one row to the next, with a border.</summary>
    public long BorderedRow => (long)(Columns + 2) * Channels;

    /// <summary>Floats of an image with a border.</summary>
    public long BorderedSize => (Side + 2) * BorderedRow;

    /// <summary>Where the first pixel is, with a border.</summary>
    public long Inside => BorderedRow + Channels;
}
