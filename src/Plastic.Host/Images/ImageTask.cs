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

    /// <summary>Refuses a task whose image set is not at hand.</summary>
    /// <exception cref="PlasticException">It is not; the message says how to get it, and where it was looked for.</exception>
    public static void Require(Tasks.Task task)
    {
        try
        {
            FewShotTask.Require(task);
        }
        catch (MissingImagesException missing)
        {
            throw new PlasticException(ExitCode.MissingInput, $"{missing.Message} ({ImageFolder.Place})", missing);
        }
    }

    /// <summary>The task of the set in a folder, with where it comes from.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="check">Whether its content is to be checked once; not needed to describe the task.</param>
    /// <exception cref="PlasticException">The set is missing or damaged, or there cannot be a task of its name, classes or size.</exception>
    public static (Tasks.Task Task, CodeFile File) Of(string folder, bool check = true)
    {
        var images = ImageSet.Open(folder);
        try
        {
            var facts = images.Facts;
            var fault = ImageSetName.Fault(facts.Name) is { } bad ? $"{bad}: rename the folder" : FewShotTask.Fault(facts.Name, images);
            if (fault is not null) throw new PlasticException(ExitCode.BadData, $"{folder}: {fault}");
            if (check) images.CheckOnce();
            return (
                FewShotTask.Of(facts.Name, images, facts.Mean, facts.Deviation),
                CodeFile.OfData(facts.Name, Path.GetFullPath(folder), facts.Identity));
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }
}
