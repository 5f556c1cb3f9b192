using System.Text;
using Plastic.CommandLine;
using Plastic.Host;
using SkiaSharp;
using Xunit;
using Xunit.Abstractions;

namespace Plastic.Program.Tests;

/// <summary>
/// Damaged files of image sets are imported or refused with exit code 65 and one line; nothing is run and nothing is left behind. 2,000 of
/// each kind, with PLASTIC_NIGHTLY=1 40,000.
/// </summary>
public sealed class ImageMutationTests(ITestOutputHelper log)
{
    private const int Trials = 2_000, Side = 8;

    /// <summary>A picture of a few hundred bytes can have some hundred thousand pixels.</summary>
    private const long MostBytesOfPicture = 6 << 20;

    private static readonly byte[][] pictures = [Picture(1), Picture(2)];

    [Theory]
    [InlineData("Python2")]
    [InlineData("Protocol2")]
    [InlineData("Protocol4")]
    [InlineData("Protocol5")]
    public void Pickles(string style)
    {
        var pickle = MadePickle.OfImages(Enum.Parse<PickleStyle>(style), Side, pictures, [3, 4]);
        Survive("CIFAR_FS_train.pickle", pickle, folder =>
        {
            foreach (var part in new[] { "val", "test" }) File.WriteAllBytes(Path.Combine(folder, $"CIFAR_FS_{part}.pickle"), pickle);
        });
    }

    [Fact]
    public void Lists() => Survive("train.csv", Encoding.UTF8.GetBytes(Listed), folder =>
    {
        WritePictures(Directory.CreateDirectory(Path.Combine(folder, "images")).FullName);
        foreach (var part in new[] { "val", "test" }) File.WriteAllText(Path.Combine(folder, $"{part}.csv"), Listed);
    });

    [Fact]
    public void Jpg_pictures() => Pictures("0.jpg", SKEncodedImageFormat.Jpeg);

    [Fact]
    public void Png_pictures() => Pictures("0.png", SKEncodedImageFormat.Png);

    [Fact]
    public void Descriptions_of_sets()
    {
        using var session = new Session();
        var source = Directory.CreateDirectory(Path.Combine(session.Out, "source")).FullName;
        foreach (var part in new[] { "train", "val", "test" }) WritePictures(Directory.CreateDirectory(Path.Combine(source, part, "a")).FullName);
        var made = Path.Combine(session.Out, "made");
        Assert.Equal(ExitCode.Ok, session.Run("data", "import", source, "--name", "made", "--side", "8", "--data", session.Out).Code);
        Mutations.Survive(
            log, ImageSetFacts.FileName, File.ReadAllBytes(Path.Combine(made, ImageSetFacts.FileName)),
            file => ImageSet.Open(Path.GetDirectoryName(file)!).Dispose(),
            folder => File.Copy(Path.Combine(made, ImageSetFacts.ImagesName), Path.Combine(folder, ImageSetFacts.ImagesName)), Trials);
    }

    private const string Listed = "filename,label\n0.jpg,n01\n1.jpg,n02\n";

    private void Pictures(string name, SKEncodedImageFormat format) =>
        Survive($"train/a/{name}", MadeImages.Encoded(pictures[0], Side, format), folder =>
        {
            foreach (var part in new[] { "val", "test" }) WritePictures(Directory.CreateDirectory(Path.Combine(folder, part, "a")).FullName);
        }, MostBytesOfPicture);

    private static void WritePictures(string folder)
    {
        foreach (var (picture, at) in pictures.Select((picture, at) => (picture, at)))
        {
            File.WriteAllBytes(Path.Combine(folder, $"{at}.jpg"), MadeImages.Encoded(picture, Side, SKEncodedImageFormat.Jpeg));
        }
    }

    /// <summary>Imports the folder of the file, and takes away what that gave.</summary>
    private void Survive(string name, byte[] whole, Action<string> prepare, long spare = 1 << 20) => Mutations.Survive(log, name, whole, file =>
    {
        var folder = file[..^(name.Length + 1)];
        var sets = Path.Combine(folder, "sets");
        try
        {
            ImageImport.Run((ImageImportRequest)CommandParser.Parse(["data", "import", folder, "--name", "x", "--side", "8", "--data", sets], new DeferredLoader()).Command, new Output(TextWriter.Null, TextWriter.Null));
            Directory.Delete(Path.Combine(sets, "x"), recursive: true);
        }
        finally
        {
            Assert.True(!Directory.Exists(sets) || Directory.GetFileSystemEntries(sets) is []);
        }
    }, prepare, Trials, spare);

    private static byte[] Picture(int seed)
    {
        var pixels = new byte[Side * Side * 3];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }
}
