using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>What `dotnet pack` makes: complete packages that name no path of this machine, and that projects outside the repository can use.</summary>
public sealed class PackageTests(PackageTests.Packed packed) : IClassFixture<PackageTests.Packed>
{
    public static TheoryData<string> Libraries => ["Plastic.Core", "Plastic.Engine", "Plastic.Tasks", "Plastic.Laws", "Plastic.Laws.Expecto"];

    public static TheoryData<string> Samples => [.. Commands(File.ReadAllLines(Path.Combine(ReadmeTests.Root, "samples", "README.md"))).Keys];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_comes_with_its_readme_licence_documentation_and_symbols(string id)
    {
        using var package = packed.Open($"{id}.*.nupkg");
        Assert.NotNull(package.GetEntry("README.md"));
        Assert.NotNull(package.GetEntry($"lib/net10.0/{id}.dll"));
        Assert.NotNull(package.GetEntry($"lib/net10.0/{id}.xml"));
        var description = Nuspec(package);
        Assert.Equal("MIT", Only(description, "license").Value);
        Assert.NotEqual("Package Description", Only(description, "description").Value);
        using var symbols = packed.Open($"{id}.*.snupkg");
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_does_not_pin_what_it_depends_on(string id)
    {
        using var package = packed.Open($"{id}.*.nupkg");
        foreach (var dependency in Nuspec(package).Descendants().Where(e => e.Name.LocalName == "dependency"))
        {
            // "1.2" is 1.2 or later; "[1.2]" would be 1.2 alone.
            Assert.True(char.IsAsciiDigit(dependency.Attribute("version")!.Value[0]), $"{dependency}");
        }
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_is_the_same_wherever_it_is_built(string id)
    {
        using var package = packed.Open($"{id}.*.nupkg");
        using var symbols = packed.Open($"{id}.*.snupkg");
        var assembly = Bytes(package.GetEntry($"lib/net10.0/{id}.dll")!);
        Assert.DoesNotContain(ReadmeTests.Root, Encoding.Latin1.GetString(assembly));
        Assert.DoesNotContain(ReadmeTests.Root, Encoding.Latin1.GetString(Bytes(symbols.GetEntry($"lib/net10.0/{id}.pdb")!)));
        using var reader = new PEReader(new MemoryStream(assembly));
        Assert.Contains(reader.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_prints_what_its_page_shows(string command)
    {
        var expected = Commands(File.ReadAllLines(Path.Combine(ReadmeTests.Root, "samples", "README.md")))[command];
        var words = command.Split(' ');
        Assert.Equal(expected, packed.Run(packed.Samples, words[0], words[1..]));
    }

    [Fact]
    public void The_program_is_a_tool_and_its_new_projects_use_the_packages()
    {
        var tools = Path.Combine(packed.Folder, "tools");
        packed.Run(packed.Samples, "dotnet", "tool", "install", "Plastic", "--tool-path", tools, "--add-source", packed.Feed);
        var plastic = Path.Combine(tools, OperatingSystem.IsWindows() ? "plastic.exe" : "plastic");
        Assert.StartsWith("gradient", packed.Run(packed.Samples, plastic, "list", "rules")[0]);
        string[] brief = ["hidden=4", "batch=2", "max_batch=2", "validation_batches=1", "test_batches=1", "--out", packed.Folder];
        string Library(string name, string language)
        {
            packed.Run(packed.Samples, plastic, "new", "project", name, "--lang", language);
            packed.Run(packed.Samples, "dotnet", "build", name, "-c", "Release", "--nologo", "-v", "quiet");
            return Path.Combine(name, "bin", "Release", "net10.0", $"{name}.dll");
        }

        packed.Run(packed.Samples, plastic, ["train", "cuereward", $"rule={Library("OwnRule", "F#")}", .. brief]);
        packed.Run(packed.Samples, plastic, ["train", Library("OwnTask", "C#"), "rule=hebbian", .. brief]);
        var laws = packed.Run(packed.Samples, "dotnet", Library("OwnLaws", "laws"), "--colours", "0", "--no-spinner");
        Assert.Contains(laws, line => line.Contains("13 passed") && line.Contains("0 failed"));
    }

    /// <summary>The commands of a page, each with the lines that it prints there.</summary>
    private static Dictionary<string, List<string>> Commands(IEnumerable<string> page)
    {
        var commands = new Dictionary<string, List<string>>();
        List<string>? printed = null;
        foreach (var line in page)
        {
            if (line.StartsWith("    $ ", StringComparison.Ordinal))
            {
                commands[line[6..]] = printed = [];
            }
            else if (line.StartsWith("    ", StringComparison.Ordinal))
            {
                printed?.Add(line[4..]);
            }
            else if (line.Length > 0)
            {
                printed = null;
            }
        }
        return commands;
    }

    private static XDocument Nuspec(ZipArchive package) =>
        XDocument.Load(new MemoryStream(Bytes(package.Entries.Single(e => e.Name.EndsWith(".nuspec", StringComparison.Ordinal)))));

    private static XElement Only(XDocument document, string name) => document.Descendants().Single(e => e.Name.LocalName == name);

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The packages of this build in a folder of their own, and the samples beside them.</summary>
    public sealed class Packed : IDisposable
    {
        public Packed()
        {
            Folder = Directory.CreateTempSubdirectory("plastic-packages").FullName;
            Feed = Path.Combine(Folder, "artifacts");
            Samples = Path.Combine(Folder, "samples");
            // As the sample's nuget.config has it, beside the packages.
            foreach (var file in Directory.EnumerateFiles(Path.Combine(ReadmeTests.Root, "samples"), "*", SearchOption.AllDirectories))
            {
                var to = Path.GetRelativePath(ReadmeTests.Root, file);
                if (!to.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, to))!);
                    File.Copy(file, Path.Combine(Folder, to));
                }
            }
            var configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
            Run(ReadmeTests.Root, "dotnet", "pack", "Plastic.sln", "-c", configuration, "--no-build", "-o", Feed, "--nologo", "-v", "quiet");
        }

        public string Folder { get; }

        public string Feed { get; }

        public string Samples { get; }

        public ZipArchive Open(string pattern) =>
            ZipFile.OpenRead(Directory.GetFiles(Feed, pattern).Single(file => char.IsAsciiDigit(Path.GetFileName(file)[pattern.IndexOf('*')])));

        /// <summary>The lines that a command writes to standard output; it has to succeed.</summary>
        public List<string> Run(string folder, string program, params string[] words)
        {
            var (code, output, errors) = Processes.Run(folder, program, words, new Dictionary<string, string>
            {
                // The packages of this build are not to be mistaken for others of the same version.
                ["NUGET_PACKAGES"] = Path.Combine(Folder, "cache"),
                ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
                ["MSBUILDDISABLENODEREUSE"] = "1",
            });
            Assert.True(code == 0, $"{program} {string.Join(' ', words)}: exit code {code}\n{output}\n{errors}");
            return [.. output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')];
        }

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
