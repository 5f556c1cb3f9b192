using System.Runtime.Versioning;
using System.Text.Json;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Where code comes from and where it is kept: only files are read, only whole entries of the user's own cache are loaded.</summary>
[Collection("files of code")]
[UnsupportedOSPlatform("windows")]
public sealed class CodePlaceTests
{
    [Fact]
    public async Task What_is_no_file_is_refused_at_once()
    {
        using var session = new Session();
        var folder = Directory.CreateDirectory(session.Out).FullName;
        string[] pipes = [.. new[] { "a.fsx", "a.npz" }.Select(name => Path.Combine(folder, name))];
        Assert.Equal(0, Processes.Run(folder, "mkfifo", pipes).Code);
        var (device, inside) = (Path.Combine(folder, "b.fsx"), Directory.CreateDirectory(Path.Combine(folder, "c.fsx")).FullName);
        File.CreateSymbolicLink(device, "/dev/zero");
        foreach (var (words, message) in new[]
        {
            (new[] { "config", "cuereward", $"rule={pipes[0]}" }, $"{pipes[0]}: a pipe, not a file"),
            (["config", pipes[0]], $"{pipes[0]}: a pipe, not a file"),
            (["config", $"data={pipes[1]}"], $"{pipes[1]}: a pipe, not a file"),
            (["config", "cuereward", $"rule={device}"], $"{device}: a device, not a file"),
            (["config", "cuereward", $"rule={inside}"], $"{inside}: a folder, not a file"),
        })
        {
            // Whoever opens a pipe waits for somebody to write to it.
            var ended = await Task.Run(() => session.Run(words)).WaitAsync(TimeSpan.FromMinutes(1));
            Assert.Equal((ExitCode.BadData, $"plastic: {message}"), (ended.Code, Assert.Single(ended.Messages)));
        }
    }

    [Fact]
    public void A_damaged_or_planted_entry_of_the_cache_is_never_loaded()
    {
        using var session = new Session();
        string Compiled(string name, string content)
        {
            var before = CodeFiles.Compiled();
            Assert.Equal(ExitCode.Ok, session.Run("config", "cuereward", $"rule={CodeFiles.Write(session, name, content)}").Code);
            return Assert.Single(CodeFiles.Compiled().Except(before));
        }
        var marker = Path.Combine(Path.GetDirectoryName(session.Out)!, "ran");
        const string Rule = "let rule = { Plastic.Core.Rules.Hebbian.rule with Name = \"kept\" }\n";
        var entry = Compiled("kept.fsx", Rule);
        var other = File.ReadAllBytes(Compiled("other.fsx", $"{Rule}System.IO.File.WriteAllText(@\"{marker}\", \"\")\n"));
        Assert.True(File.Exists(marker));
        File.Delete(marker);

        var whole = File.ReadAllBytes(entry);
        byte[] flipped = [.. whole];
        flipped[^100] ^= 1;
        var assembly = File.ReadAllBytes(typeof(Guide.Covariance).Assembly.Location);
        foreach (var planted in new[] { other, other[32..], whole[32..], assembly, flipped, whole[..^1], whole[..20], [] })
        {
            File.WriteAllBytes(entry, planted);
            var file = Path.Combine(Path.GetDirectoryName(session.Out)!, "kept.fsx");
            Assert.Equal(ExitCode.Ok, session.Run("config", "cuereward", $"rule={file}").Code);
            Assert.False(File.Exists(marker));
            Assert.Equal(whole, File.ReadAllBytes(entry));
        }
    }

    [Fact]
    public void The_cache_is_the_users_alone()
    {
        using var session = new Session();
        var path = Path.Combine(session.Out, "cache");
        UnixFileMode Mode() => File.GetUnixFileMode(path);
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal((path, Own), (CacheFolder.Closed(path), Mode()));
        File.SetUnixFileMode(path, Own | UnixFileMode.GroupRead | UnixFileMode.OtherExecute);
        Assert.Equal((path, Own), (CacheFolder.Closed(path), Mode()));

        File.SetUnixFileMode(path, Own | UnixFileMode.GroupWrite);
        Refused("others may write to it");
        File.SetUnixFileMode(path, Own);
        if (Environment.IsPrivilegedProcess) Assert.Equal(0, Processes.Run(session.Out, "chown", ["4321", path]).Code);
        else path = "/usr";
        Refused("it belongs to another user");

        void Refused(string why)
        {
            var file = CodeFiles.Write(session, "unread.fsx", "");
            var (code, output, errors) = Processes.Run(
                session.Out, "dotnet", [typeof(Application).Assembly.Location, "config", "cuereward", $"rule={file}"],
                new Dictionary<string, string> { ["PLASTIC_CACHE"] = path });
            Assert.Equal(((int)ExitCode.Configuration, ""), (code, output));
            Assert.Equal($"plastic: {path} cannot hold compiled code: {why}; delete it, or name another folder in PLASTIC_CACHE\n", errors);
        }
    }

    [Fact]
    public void What_code_prints_is_no_part_of_the_results()
    {
        using var session = new Session();
        var task = CodeFiles.Template("task.fsx")
            .Replace("my_task", "talking")
            .Replace("    let mutable input", "    Console.WriteLine \"drawing\"\n    let mutable input")
            + "\nprintfn \"loading\"\n";
        var file = CodeFiles.Write(session, "talking.fsx", task);
        var (code, output, errors) = Processes.Run(
            Path.GetDirectoryName(session.Out)!, "dotnet",
            [typeof(Application).Assembly.Location, "train", file, "rule=none", "hidden=2", "batch=2", "max_batch=1", "test_batches=1", "--json"]);
        Assert.True(code == 0, errors);
        Assert.Equal("talking", JsonDocument.Parse(output).RootElement.GetProperty("name").GetString());
        Assert.Contains("loading\n", errors);
        Assert.Contains("drawing\n", errors);
    }
}
