using System.Text.RegularExpressions;
using Plastic.Core;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>docs/rules has a page for every rule of the registry, and its list is that of `plastic list rules`.</summary>
public sealed class RulePageTests
{
    private static readonly string Folder = Path.Combine(ReadmeTests.Root, "docs", "rules");

    private static readonly string[] Rules = [.. RuleBook.All.Select(rule => rule.Name)];

    [Fact]
    public void Every_rule_has_a_page_that_begins_with_its_name()
    {
        var pages = Directory.EnumerateFiles(Folder, "*.md").Select(Path.GetFileNameWithoutExtension).Where(name => name != "README");
        Assert.Equal(Rules.Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
        Assert.All(Rules, rule => Assert.Equal($"# {rule}", File.ReadLines(Path.Combine(Folder, $"{rule}.md")).First()));
    }

    [Fact]
    public void The_list_of_pages_is_the_list_of_rules()
    {
        var rows = Regex.Matches(File.ReadAllText(Path.Combine(Folder, "README.md")), @"^\| \[(\w+)\]\((\w+)\.md\) \|", RegexOptions.Multiline);
        Assert.Equal(Rules, rows.Select(row => row.Groups[1].Value));
        Assert.Equal(Rules, rows.Select(row => row.Groups[2].Value));
    }
}
