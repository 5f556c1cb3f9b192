using System.Reflection;
using Xunit;

namespace Plastic.Program.Tests.House;

/// <summary>Whoever reads a library's public members finds what each computes.</summary>
public sealed class DocumentationTests
{
    public static TheoryData<string> Libraries => [.. SourceTree.Projects.Select(project => Path.GetFileName(project))];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Every_public_member_is_documented(string library)
    {
        var missing = Documentation.Missing(Assembly.LoadFrom(SourceTree.Assembly(library))).ToArray();
        Assert.True(missing is [], "without documentation:\n" + string.Join('\n', missing));
    }
}
