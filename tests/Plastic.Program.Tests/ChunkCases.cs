using FsCheck;
using FsCheck.Fluent;

namespace Plastic.Program.Tests;

/// <summary>The size and the numbers of a chunk.</summary>
/// <param name="Seed">Of its numbers.</param>
/// <param name="Rows">Elements of p and of x.</param>
/// <param name="Columns">Elements of q and of y.</param>
/// <param name="Steps">Steps.</param>
/// <param name="Pairs">Pairs in an update.</param>
/// <param name="Gradients">Pairs that a step adds to F̄.</param>
/// <param name="Group">Samples that run together: 1, 2 or 4.</param>
/// <param name="Count">How many there are of them.</param>
/// <param name="HasStart">Whether F at the chunk's start is another than zero.</param>
/// <param name="HasRests">Whether most elements of p and of x are zero, as behind a rectifier.</param>
public sealed record ChunkCase(
    int Seed, int Rows, int Columns, int Steps, int Pairs, int Gradients, int Group, int Count, bool HasStart, bool HasRests);

/// <summary>Random chunks, and what is interesting about each.</summary>
internal static class ChunkCases
{
    /// <summary>The features that laws must meet.</summary>
    public static readonly string[] Interesting =
        ["a wide panel", "several row blocks", "a sample is missing", "F starts from another than zero", "several pairs", "four steps at once",
            "most units rest"];

    /// <summary>Those that a case has.</summary>
    public static IEnumerable<string> Features(ChunkCase size)
    {
        if (size.Rows > 64 || size.Columns > 48) yield return "a wide panel";
        if (size.Rows > 128 || size.Columns > 128) yield return "several row blocks";
        if (size.Count < size.Group) yield return "a sample is missing";
        if (size.HasStart) yield return "F starts from another than zero";
        if (size.Pairs > 1) yield return "several pairs";
        if (size.HasRests) yield return "most units rest";
        if (size.Steps > 4) yield return "four steps at once";
    }

    /// <summary>Random shapes, chunk lengths, pairs and groups.</summary>
    public static Arbitrary<ChunkCase> All
    {
        get
        {
            var length = Gen.Frequency((3, Gen.Choose(1, 40)), (1, Gen.Choose(41, 120)), (1, Gen.Choose(121, 150)));
            return Arb.From(
                from seed in Gen.Choose(0, 1_000_000)
                from rows in length
                from columns in length
                from steps in Gen.Choose(1, 7)
                from pairs in Gen.Choose(1, 3)
                from gradients in Gen.Choose(1, 2)
                from @group in Gen.Elements(1, 2, 4)
                from count in Gen.Choose(1, @group)
                from hasStart in Gen.Elements(true, false)
                from hasRests in Gen.Elements(true, false)
                select new ChunkCase(seed, rows, columns, steps, pairs, gradients, @group, count, hasStart, hasRests));
        }
    }
}
