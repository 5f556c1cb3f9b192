using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Plastic.Program.Tests.House;

/// <summary>What keeps the code readable: no cycles, files of one idea, and a README that shows the tree as it is.</summary>
public sealed class HouseTests
{
    private const int MostLines = 300;

    public static TheoryData<string> Projects => [.. SourceTree.Projects.Select(project => Path.GetFileName(project))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_folders_of_a_project_use_each_other(string project)
    {
        var folder = Path.Combine(ReadmeTests.Root, "src", project);
        var uses = new FolderUses(SourceTree.Assembly(folder), folder);

        Assert.Empty(uses.Unplaced);
        Assert.True(uses.Cycle() is [], string.Join('\n', uses.Cycle().Prepend("folders on a cycle:")));
        // The folders that were read are those that are there.
        var expected = SourceTree.Files(folder)
            .Select(file => Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar))
            .Select(parts => parts.Length > 1 ? parts[0] : ".");
        Assert.Subset(expected.ToHashSet(), uses.Folders.ToHashSet());
        Assert.NotEmpty(uses.Folders);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_assembly_holds_the_path_that_it_was_built_in(string project)
    {
        var assembly = File.ReadAllBytes(SourceTree.Assembly(Path.Combine(ReadmeTests.Root, "src", project)));
        Assert.DoesNotContain(ReadmeTests.Root, Encoding.Latin1.GetString(assembly));
        Assert.DoesNotContain(ReadmeTests.Root, Encoding.Unicode.GetString(assembly));
    }

    [Fact]
    public void No_production_file_has_more_than_300_lines()
    {
        var longFiles =
            from project in SourceTree.Projects
            from file in SourceTree.Files(project)
            let lines = File.ReadLines(file).Count()
            where lines > MostLines
            select $"{Path.GetRelativePath(ReadmeTests.Root, file)}: {lines}";

        Assert.Empty(longFiles);
    }

    [Fact]
    public void The_tree_in_the_readme_is_the_tree()
    {
        var root = ReadmeTests.Root;
        var rows = Regex.Matches(File.ReadAllText(Path.Combine(root, "README.md")), @"^\| \[([^\]]+)\]\(([^)]+)\) \|", RegexOptions.Multiline)
            .Select(match => match.Groups[2].Value)
            .ToHashSet();
        var folders = new[] { "src", "tests" }
            .SelectMany(name => Directory.EnumerateDirectories(Path.Combine(root, name))
                .Where(folder => Directory.EnumerateFiles(folder, "*.*proj").Any()))
            .Select(folder => Path.GetRelativePath(root, folder))
            .ToHashSet();

        Assert.Equal(folders.Order(), rows.Where(row => row.StartsWith("src/", StringComparison.Ordinal) || row.StartsWith("tests/", StringComparison.Ordinal)).Order());
        Assert.All(rows, row => Assert.True(Path.Exists(Path.Combine(root, row)), $"README names {row}, which is not there"));
    }
}
