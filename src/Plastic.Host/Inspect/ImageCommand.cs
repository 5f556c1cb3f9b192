using System.Globalization;
using Plastic.CommandLine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>`plastic data import|get|list|show`: image sets.</summary>
internal static class ImageCommand
{
    public static ExitCode Run(ImageRequest request, Output output) => request switch
    {
        ImageImportRequest import => Made(import.Directory, ImageImport.Run(import, output), output),
        ImageGetRequest get => Made(get.Directory, ImageSigns.Run(get, output), output),
        ImageShowRequest show => Show(show, output),
        _ => List(request, output),
    };

    private static ExitCode Made(string directory, ImageSetFacts facts, Output output)
    {
        var folder = ImageFolder.Of(directory, facts.Name);
        output.Document(new { Directory = folder, facts.Identity, Set = facts });
        foreach (var line in Lines(facts)) output.Result(line);
        output.Result(folder);
        using var set = ImageSet.Open(folder);
        if (FewShotTask.Fault(facts.Name, set) is { } fault) output.Warn($"it cannot be trained on: {fault}");
        return ExitCode.Ok;
    }

    private static ExitCode List(ImageRequest request, Output output)
    {
        var (sets, damaged) = (new List<ImageSetFacts>(), new List<(string Name, string Message)>());
        foreach (var name in ImageFolder.Names(request.Directory))
        {
            try
            {
                sets.Add(ImageSetFacts.Read(ImageFolder.Of(request.Directory, name)));
            }
            catch (PlasticException fault)
            {
                damaged.Add((name, fault.Message));
            }
        }
        output.Document(new
        {
            Sets = sets.Select(set => new { set.Name, set.Side, set.Images, Classes = set.Parts.ToDictionary(part => part.Name, part => part.Classes.Names.Length) }),
            Damaged = damaged.Select(set => new { set.Name, set.Message }),
        });
        foreach (var (_, message) in damaged) output.Warn(message);
        if (sets.Count + damaged.Count == 0) output.Message($"no image sets in {ImageFolder.Root(request.Directory)}");
        var width = sets.Select(set => set.Name.Length).DefaultIfEmpty(0).Max();
        foreach (var set in sets)
        {
            var classes = string.Join(" / ", set.Parts.Select(part => part.Classes.Names.Length));
            output.Result($"{set.Name.PadRight(width)}  {set.Side} × {set.Side}, {CountText.Of(set.Images, "image")}, {classes} classes, {SizeText.Of(set.Images * set.ImageBytes)}");
        }
        return ExitCode.Ok;
    }

    private static ExitCode Show(ImageShowRequest request, Output output)
    {
        if (request.Sheet.Length > 0) OutputFolder.RequireNew(request.Sheet);
        using var set = ImageSet.Open(ImageFolder.Of(request.Directory, request.Name));
        if (request.Check) set.Check();
        if (request.Sheet.Length > 0) AtomicFile.Write(request.Sheet, stream => ContactSheet.Write(set, stream));
        output.Document(new { set.Facts.Identity, Set = set.Facts, Checked = request.Check, Sheet = request.Sheet.Length > 0 ? request.Sheet : null });
        foreach (var line in Lines(set.Facts)) output.Result(line);
        if (request.Check) output.Result("all images read: none is damaged");
        if (request.Sheet.Length > 0) output.Result(request.Sheet);
        return ExitCode.Ok;
    }

    private static IEnumerable<string> Lines(ImageSetFacts facts)
    {
        yield return $"{facts.Name}: {facts.Side} × {facts.Side} pixels, {CountText.Of(facts.Images, "image")}, {SizeText.Of(facts.Images * facts.ImageBytes)}; from {facts.Source}";
        foreach (var (name, part) in facts.Parts)
        {
            var (least, most) = (part.Counts.Min(), part.Counts.Max());
            yield return $"{name}: {CountText.Classes(part.Names.Length)}, {CountText.Of(part.Images, "image")}, {(least == most ? $"{least}" : $"{least} to {most}")} of a class";
        }
        yield return $"mean {Bytes(facts.Mean)}, deviation {Bytes(facts.Deviation)} of bytes of red, green, blue";
        yield return $"SHA-256 {facts.Identity} (images, classes, mean and deviation)";
        foreach (var credit in facts.Credits) yield return $"credit: {credit}";
    }

    private static string Bytes(double[] values) =>
        string.Join(", ", values.Select(value => (255 * value).ToString("F2", CultureInfo.InvariantCulture)));
}
