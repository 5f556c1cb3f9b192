using System.Reflection;
using Xunit;

namespace Plastic.Program.Tests.House;

/// <summary>The public API of each library is the one that was read and accepted, in the folder PublicApi.</summary>
public sealed class PublicApiTests
{
    private const string Accept = "PLASTIC_ACCEPT_API";

    private static readonly string folder = Path.Combine(ReadmeTests.Root, "tests", "Plastic.Program.Tests", "House", "PublicApi");

    public static TheoryData<string> Libraries => DocumentationTests.Libraries;

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_api_is_the_one_that_was_accepted(string library)
    {
        var file = Path.Combine(folder, library + ".txt");
        var found = PublicApi.Lines(Assembly.LoadFrom(SourceTree.Assembly(library))).ToArray();
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(file, string.Concat(found.Select(line => line + "\n")));
        }
        var accepted = File.Exists(file) ? File.ReadAllLines(file) : [];

        var gone = InTheirTypes(accepted).Except(InTheirTypes(found)).Select(line => "− " + line);
        var added = InTheirTypes(found).Except(InTheirTypes(accepted)).Select(line => "+ " + line);
        Assert.True(
            found.SequenceEqual(accepted),
            $"The public API of {library} has changed; to accept that, run this test with {Accept}=1 and commit {Path.GetRelativePath(ReadmeTests.Root, file)}.\n"
            + string.Join('\n', gone.Concat(added)));
    }

    [Fact]
    public void Each_accepted_text_is_of_a_library()
    {
        var libraries = SourceTree.Projects.Select(project => Path.GetFileName(project)).ToHashSet();
        Assert.Subset(libraries, Directory.EnumerateFiles(folder).Select(file => Path.GetFileNameWithoutExtension(file)).ToHashSet()!);
    }

    /// <summary>The line of a type as it is, that of a member after the name of its type.</summary>
    private static IEnumerable<string> InTheirTypes(IEnumerable<string> lines)
    {
        var type = "";
        foreach (var line in lines)
        {
            if (line.StartsWith(' '))
            {
                yield return $"{type}: {line.Trim()}";
            }
            else
            {
                type = line["type ".Length..line.IndexOf(" : ", StringComparison.Ordinal)];
                yield return line;
            }
        }
    }
}
