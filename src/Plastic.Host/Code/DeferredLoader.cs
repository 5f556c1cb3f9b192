using Plastic.Core;
using Plastic.Scripts;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Loads rules and tasks from files. Only a call loads the assembly that can do it, and only a new file the compiler.</summary>
internal sealed class DeferredLoader : ICodeLoader
{
    public (Rule, CodeFile) Rule(string reference) => Trusted(Loader().Rule(reference));

    public (Tasks.Task, CodeFile) Task(string reference) => Trusted(Loader().Task(reference));

    public (Tasks.Task, CodeFile) Data(string path) => DataFile.Read(path).AsTask;

    public IEnumerable<(Tasks.Task, CodeFile)> Images(IEnumerable<string> sets) =>
        sets.Select(set => ImageFolder.Of("", set)).Where(ImageTask.IsSet).Select(folder => ImageTask.Of(folder));

    public string ImagePlace => ImageFolder.Place;

    /// <summary>What loads the code of files into this process.</summary>
    /// <exception cref="PlasticException">The cache is not the user's own.</exception>
    public static CodeLoader Loader() => new(CacheFolder.Find(), InputFile.Whole);

    private static (T, CodeFile) Trusted<T>((T Value, CodeFile File) loaded)
    {
        CodeTrust.Add(loaded.File.Hash);
        return loaded;
    }
}
