namespace Plastic.Host;

/// <summary>A picture of a class.</summary>
internal static class PictureFile
{
    /// <summary>Adds a picture to a set.</summary>
    /// <exception cref="PlasticException">It is missing, no file, or damaged.</exception>
    public static void Read(string file, int label, ImageSetWriter writer)
    {
        try
        {
            writer.Add(label, PixelImage.Decoded(InputFile.Whole(file)));
        }
        catch (FormatException fault)
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: {Failure.OneLine(fault.Message)}", fault);
        }
    }
}
