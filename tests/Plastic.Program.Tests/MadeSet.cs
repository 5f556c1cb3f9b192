using Plastic.CommandLine;
using Plastic.Host;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Program.Tests;

/// <summary>A small image set: seven classes of every part, each of three images of its own colours and much noise.</summary>
internal static class MadeSet
{
    public const string Name = "made";

    /// <summary>Writes it; the same seed gives the same images.</summary>
    /// <returns>Its folder.</returns>
    public static string Write(string root, int side, int seed)
    {
        var random = new Random(seed);
        using var writer = new ImageSetWriter(root, Name, side, CancellationToken.None);
        foreach (var part in Enum.GetValues<Part>())
        {
            for (var label = 0; label < 7; label++)
            {
                var added = writer.AddClass(part, $"{part} {label}");
                var colours = Enumerable.Range(0, 3).Select(_ => random.Next(256)).ToArray();
                for (var n = 0; n < 3; n++)
                {
                    writer.Add(added, new PixelImage(side, side, [.. Enumerable.Range(0, side * side * 3).Select(at => (byte)((colours[at % 3] + 9 * random.Next(256)) / 10))]));
                }
            }
        }
        writer.Finish("a test", ["somebody: no rights reserved"]);
        return Path.Combine(root, Name);
    }

    /// <summary>The run that words describe.</summary>
    public static Run Run(params string[] words) =>
        ((TrainRequest)CommandParser.Parse(["train", .. words], new DeferredLoader()).Command).Plan.Runs[0];
}
