using System.ComponentModel;
using System.Diagnostics;
using Plastic.CommandLine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// `plastic data get signs`: drawings of signs by ten icon sets, as a set of real images that anyone can have. npm fetches the packages,
/// at pinned versions whose SHA-512 it checks; node draws them, in a temporary folder. A result with another SHA-256 is refused.
/// </summary>
internal static class ImageSigns
{
    /// <summary>The SHA-256 of images.bin for each side.</summary>
    private static readonly Dictionary<int, string> Results = new()
    {
        [32] = "85341cf277ad6614c1037f9f300bec48aee9eccad9da8c8a32cb2f25f6a04b16",
        [84] = "2bdcaeb32aa2f0c8abf64ae63af7871a08b0c2ec7084479f2d2e5bd954b30cf3",
    };

    /// <summary>What signs.mjs writes beside the drawings.</summary>
    private sealed record Drawn(string[] Names, string[] Parts, int[] Counts, string[] Credits);

    /// <exception cref="PlasticException">node or npm is missing, a package cannot be had, or the result is another one.</exception>
    public static ImageSetFacts Run(ImageGetRequest request, Output output)
    {
        using var interruption = new Interruption();
        using var writer = new ImageSetWriter(ImageFolder.Root(request.Directory), request.Name, request.Side, interruption.Token);
        var folder = Directory.CreateTempSubdirectory("plastic-signs-");
        try
        {
            foreach (var name in new[] { "package.json", "package-lock.json", "signs.mjs" })
            {
                File.WriteAllBytes(Path.Combine(folder.FullName, name), Resource.Bytes($"Images.{name}"));
            }
            output.Message("fetching ten icon sets with npm");
            Program(folder.FullName, interruption, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
            output.Message("drawing with node");
            Program(folder.FullName, interruption, "node", "signs.mjs", $"{request.Side}");
            return Import(folder.FullName, request.Side, writer);
        }
        catch (OperationCanceledException)
        {
            throw new PlasticException(interruption.Code, "stopped; nothing was written");
        }
        catch (FormatException fault)
        {
            throw new PlasticException(ExitCode.BadData, $"signs: {fault.Message}", fault);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ImageSetFacts Import(string folder, int side, ImageSetWriter writer)
    {
        var drawn = JsonFile.Read<Drawn>(Path.Combine(folder, "signs.json"));
        var image = new PixelImage(side, side, new byte[side * side * 3]);
        InputFile.Open(Path.Combine(folder, "signs.bin"), stream =>
        {
            foreach (var ((name, part), count) in drawn.Names.Zip(drawn.Parts).Zip(drawn.Counts))
            {
                var label = writer.AddClass(part switch { "train" => Part.Training, "validation" => Part.Validation, _ => Part.Test }, name);
                for (var n = 0; n < count; n++)
                {
                    stream.ReadExactly(image.Bytes);
                    writer.Add(label, image);
                }
            }
            return true;
        });
        return writer.Finish("drawings of signs by ten icon sets, from npm", drawn.Credits, expected: Results[side]);
    }

    /// <summary>Runs a program to its end, or until the work is to stop.</summary>
    private static void Program(string folder, Interruption interruption, string program, params string[] words)
    {
        var start = new ProcessStartInfo(program, words) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
            using var stop = interruption.Token.Register(() => process.Kill(entireProcessTree: true));
            // Both are read at the same time: a full pipe would stop the program.
            var said = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            interruption.Token.ThrowIfCancellationRequested();
            if (process.ExitCode == 0) return;
            var lines = (errors + said.Result).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            throw new PlasticException(ExitCode.InputOutput, $"{program} failed: {SafeText.Line(string.Join(" ", lines.Take(3)))}");
        }
        catch (Win32Exception fault)
        {
            throw new PlasticException(ExitCode.Configuration, $"{program} is missing: data get signs needs Node.js, 18 or later, and its npm", fault);
        }
    }
}
