using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>The few-shot task of an image set.</summary>
internal static class ImageTask
{
    /// <summary>Whether a folder holds an image set.</summary>
    public static bool IsSet(string folder) => File.Exists(Path.Combine(folder, ImageSetFacts.FileName));

    /// <summary>The folder of the image set that a run's task shows; null where it shows none.</summary>
    public static string? FolderOf(Run run) =>
        run.Episodes.ImageSide > 0 && run.TaskFile is { IsData: true } file && IsSet(file.Value) ? file.Value : null;

    /// <summary>The task of the set in a folder, whose content was checked at least once, with where it comes from.</summary>
    /// <exception cref="PlasticException">The set is missing or damaged, or no task can have its name.</exception>
    public static (Tasks.Task Task, CodeFile File) Of(string folder)
    {
        var images = ImageSet.Open(folder);
        if (ImageSetName.Fault(images.Facts.Name) is { } fault)
        {
            images.Dispose();
            throw new PlasticException(ExitCode.BadData, $"{folder}: {fault}: rename the folder");
        }
        images.CheckOnce();
        var facts = images.Facts;
        return (
            FewShotTask.Of(facts.Name, images, facts.Mean, facts.Deviation),
            CodeFile.OfData(facts.Name, Path.GetFullPath(folder), facts.Sha256));
    }
}
