using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// What should be only once in an image set: a picture that is in two parts, or in two classes, and a class that is in two parts. A network
/// that trained on them, or that is asked for one of two right answers, is measured wrongly.
/// </summary>
internal static class SharedImages
{
    private const int MostNames = 3, LongestName = 40;

    /// <summary>A line that counts them; null where there is none.</summary>
    /// <param name="classes">The classes. Names that are numbers are those of their parts: they may be in each.</param>
    /// <param name="images">The class of each image and the hash of its bytes, ordered by the hash.</param>
    public static string? Warning(IReadOnlyList<(Part Part, string Name)> classes, IEnumerable<(int Label, UInt128 First, UInt128 Second)> images)
    {
        var (inTwoParts, inTwoClasses) = Pictures(classes, images);
        string[] names = [.. classes.Where(entry => !entry.Name.All(char.IsAsciiDigit)).GroupBy(entry => entry.Name)
            .Where(group => group.Select(entry => entry.Part).Distinct().Count() > 1).Select(group => group.Key)];
        var shown = string.Join(", ", names.Take(MostNames).Select(name => name.Length > LongestName ? name[..LongestName] + "…" : name)) + (names.Length > MostNames ? ", …" : "");
        string[] parts =
        [
            .. inTwoParts == 0 ? Array.Empty<string>() : [$"{CountText.Of(inTwoParts, "picture")} in two parts"],
            .. inTwoClasses == 0 ? Array.Empty<string>() : [$"{CountText.Of(inTwoClasses, "picture")} in two classes of a part"],
            .. names.Length == 0 ? Array.Empty<string>() : [$"{CountText.Classes(names.Length)} in two parts ({shown})"],
        ];
        return parts.Length == 0 ? null : $"the same more than once: {string.Join("; ", parts)}";
    }

    private static (int InTwoParts, int InTwoClasses) Pictures(
        IReadOnlyList<(Part Part, string Name)> classes, IEnumerable<(int Label, UInt128 First, UInt128 Second)> images)
    {
        var (inTwoParts, inTwoClasses) = (0, 0);
        var same = new List<int>();
        (UInt128, UInt128) hash = default;
        foreach (var (label, first, second) in images)
        {
            if ((first, second) != hash) Count();
            hash = (first, second);
            same.Add(label);
        }
        Count();
        return (inTwoParts, inTwoClasses);

        void Count()
        {
            if (same.Count > 1)
            {
                if (same.Select(label => classes[label].Part).Distinct().Count() > 1) inTwoParts++;
                else if (same.Distinct().Count() > 1) inTwoClasses++;
            }
            same.Clear();
        }
    }
}
