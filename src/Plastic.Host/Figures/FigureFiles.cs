using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using SkiaSharp;

namespace Plastic.Host;

/// <summary>A picture as a file: the same picture gives the same bytes.</summary>
internal static class FigureFiles
{
    // 600 to the inch, as journals ask of line drawings.
    private const float PixelsPerPoint = 600 / 72f;

    // Width in a browser where the page asks for none, in its pixels.
    private const int BrowserWidth = 560;

    /// <summary>The picture formats by their extensions, and how each is written.</summary>
    public static readonly IReadOnlyList<(string Extension, Action<Picture, Stream> Write)> Formats =
        [("svg", Svg), ("pdf", Pdf), ("png", Png)];

    /// <summary>Writes charts to a folder, each as csv and in every format; returns the files, the numbers first.</summary>
    /// <exception cref="PlasticException">A file cannot be written, or this machine cannot draw.</exception>
    public static IReadOnlyList<string> Write(string folder, IReadOnlyList<(string Name, Chart Chart)> charts) => Writing(folder, () =>
    {
        var written = new List<string>();
        foreach (var (name, chart) in charts)
        {
            written.Add(Path.Combine(folder, $"{name}.csv"));
            AtomicFile.Write(written[^1], chart.Csv());
        }
        return [.. written, .. Draw(folder, [.. charts.Select(figure => (figure.Name, ChartDrawing.Of(figure.Chart)))])];
    });

    /// <summary>Writes pictures to a folder, each in every format; returns the files.</summary>
    /// <exception cref="PlasticException">A file cannot be written, or this machine cannot draw.</exception>
    public static IReadOnlyList<string> Draw(string folder, IReadOnlyList<(string Name, Picture Picture)> pictures) => Writing(folder, () =>
    {
        var written = new List<string>();
        foreach (var (name, picture) in pictures)
        {
            foreach (var (extension, draw) in Formats)
            {
                written.Add(Path.Combine(folder, $"{name}.{extension}"));
                AtomicFile.Write(written[^1], stream => draw(picture, stream));
            }
        }
        return written;
    });

    /// <summary>Makes a folder and writes to it.</summary>
    /// <exception cref="PlasticException">A file cannot be written, or this machine cannot draw.</exception>
    public static IReadOnlyList<string> Writing(string folder, Func<IReadOnlyList<string>> write)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return write();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"{folder}: cannot be written: {fault.Message}", fault);
        }
        catch (TypeInitializationException fault) when (fault.InnerException is DllNotFoundException missing)
        {
            throw new PlasticException(
                ExitCode.Configuration, $"only the csv files of {folder} were written, because the drawing library cannot be loaded: {missing.Message}", fault);
        }
    }

    /// <summary>Vector graphics for browsers; its texts are texts.</summary>
    public static void Svg(Picture picture, Stream file)
    {
        using var drawn = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(picture.Width, picture.Height), drawn))
        {
            picture.Draw(canvas);
        }
        drawn.Position = 0;
        var svg = XElement.Load(drawn);
        XNamespace space = "http://www.w3.org/2000/svg";
        foreach (var text in svg.Descendants(space + "text")) Loosen(text);
        Number(svg, space);
        svg.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {picture.Width} {picture.Height}"));
        svg.SetAttributeValue("width", BrowserWidth);
        svg.SetAttributeValue("height", (int)(BrowserWidth * picture.Height / picture.Width));
        svg.SetAttributeValue("role", "img");
        svg.AddFirst(new XElement(space + "title", picture.Title));
        using var writer = XmlWriter.Create(
            file, new XmlWriterSettings { Indent = true, IndentChars = " ", NewLineChars = "\n", Encoding = new UTF8Encoding(false) });
        svg.Save(writer);
    }

    /// <summary>One page of the figure's size.</summary>
    public static void Pdf(Picture picture, Stream file)
    {
        using var document = SKDocument.CreatePdf(file, new SKDocumentPdfMetadata
        {
            Title = picture.Title,
            Creator = "plastic",
            RasterDpi = 72 * PixelsPerPoint,
            EncodingQuality = 101,
        });
        using (var canvas = document.BeginPage(picture.Width, picture.Height)) picture.Draw(canvas);
        document.EndPage();
        document.Close();
    }

    /// <summary>Pixels, 600 to the inch.</summary>
    public static void Png(Picture picture, Stream file)
    {
        var size = new SKImageInfo((int)(picture.Width * PixelsPerPoint), (int)(picture.Height * PixelsPerPoint));
        using var surface = SKSurface.Create(size);
        surface.Canvas.Scale(PixelsPerPoint);
        picture.Draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        png.SaveTo(file);
    }

    /// <summary>Skia names clip paths by a count of all that the program has drawn: they get numbers from 1 instead.</summary>
    private static void Number(XElement svg, XNamespace space)
    {
        var names = svg.Descendants(space + "clipPath").Select((path, k) => (Old: path.Attribute("id")!.Value, New: $"clip{k + 1}"))
            .ToDictionary(name => name.Old, name => name.New);
        foreach (var path in svg.Descendants(space + "clipPath")) path.SetAttributeValue("id", names[path.Attribute("id")!.Value]);
        foreach (var clipped in svg.Descendants().Attributes("clip-path")) clipped.Value = $"url(#{names[clipped.Value[5..^1]]})";
    }

    /// <summary>
    /// Skia gives every letter its own place, which only its own font fits: the text keeps its beginning and its length, and
    /// uses the first family of the list that the reader has.
    /// </summary>
    private static void Loosen(XElement text)
    {
        var words = text.Value.Trim();
        var size = float.Parse(text.Attribute("font-size")!.Value, CultureInfo.InvariantCulture);
        text.Value = words;
        text.SetAttributeValue("font-family", FigureText.Families);
        foreach (var axis in new[] { "x", "y" })
        {
            text.SetAttributeValue(axis, text.Attribute(axis)!.Value.Split(',')[0].Trim());
        }
        text.SetAttributeValue("textLength", FigureText.Width(words, size).ToString("0.###", CultureInfo.InvariantCulture));
        text.SetAttributeValue("lengthAdjust", "spacingAndGlyphs");
    }
}
