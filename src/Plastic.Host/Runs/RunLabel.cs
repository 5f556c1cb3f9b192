using Plastic.CommandLine;

namespace Plastic.Host;

/// <summary>label.json of a run's folder: what a person calls the run. It is no part of what the run is, and may change at any time.</summary>
/// <param name="Name">Empty for none.</param>
/// <param name="Tags">In the order given.</param>
internal sealed record RunLabel(string Name, string[] Tags)
{
    public const string File = "label.json";

    /// <summary>The label of a run; an empty one where there is none that can be read.</summary>
    public static RunLabel Read(string path) =>
        JsonFile.ReadOrNull<RunLabel>(Path.Combine(path, File)) is { } label
            ? new(SafeText.Line(label.Name), [.. label.Tags.Select(SafeText.Line)])
            : new("", []);

    /// <summary>Gives a run another name, if there is one, and more tags.</summary>
    public static void Add(string path, Label label)
    {
        if (label.IsEmpty) return;
        var before = Read(path);
        var after = new RunLabel(label.Name.Length > 0 ? label.Name : before.Name, [.. before.Tags.Union(label.Tags)]);
        AtomicFile.Write(Path.Combine(path, File), JsonText.Document(after));
    }

    /// <summary>Whether a word is its name or one of its tags.</summary>
    public bool Has(string word) => Name == word || Tags.Contains(word);
}
