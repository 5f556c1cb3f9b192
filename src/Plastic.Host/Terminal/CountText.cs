namespace Plastic.Host;

/// <summary>Counts for people: "1 run", "2 runs".</summary>
internal static class CountText
{
    /// <param name="thing">What is counted, in the singular; its plural ends in s.</param>
    public static string Of(long count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";

    /// <summary>"1 class", "2 classes".</summary>
    public static string Classes(long count) => count == 1 ? "1 class" : $"{count} classes";
}
