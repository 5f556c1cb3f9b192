using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The drawn image set: its counts, its credits, and its bytes, whose SHA-256 the program knows.</summary>
public sealed class SignsTests
{
    [SkippableFact]
    public void Signs_are_fetched_drawn_and_credited()
    {
        using var session = new Session();
        var ended = session.Run("data", "get", "signs", "--data", session.Out);
        Skip.If(ended.Code == ExitCode.Configuration, "needs Node.js and npm");
        Skip.If(ended.Code == ExitCode.InputOutput && ended.Messages[^1].Contains("npm failed") && !ended.Messages[^1].Contains("EINTEGRITY"), "npm cannot fetch packages here");
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        Assert.Equal("train: 625 classes, 5689 images, 8 to 10 of a class", ended.Results[1]);
        Assert.Equal("validation: 62 classes, 552 images, 8 to 10 of a class", ended.Results[2]);
        Assert.Equal("test: 197 classes, 1796 images, 8 to 10 of a class", ended.Results[3]);
        Assert.Equal(10, ended.Results.Count(line => line.StartsWith("credit: ", StringComparison.Ordinal)));
        using var set = ImageSet.Open(ended.Results[^1]);
        set.Check();
        Assert.Equal(8037, set.Count);
        // Signs of different kinds: no class of one part is in another.
        Assert.Equal(884, set.Facts.Parts.SelectMany(part => part.Classes.Names).Distinct().Count());
        Assert.Equal(ExitCode.Exists, session.Run("data", "get", "signs", "--data", session.Out).Code);
    }
}
