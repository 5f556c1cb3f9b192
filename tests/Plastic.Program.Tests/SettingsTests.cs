using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Plastic.Host;
using Plastic.Settings;
using Xunit;
using Xunit.Abstractions;

namespace Plastic.Program.Tests;

/// <summary>
/// Every setting with values that few or no settings accept: either the setting's range, as `config --explain` gives it,
/// contains the value, or the value is refused on one line, at once, and nothing is written.
/// </summary>
public sealed class SettingsTests(ITestOutputHelper log)
{
    // Two orders of magnitude above the time of a refusal, not counting the program's start.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(300);

    private static readonly string[] Hostile =
        ["0", "-1", "NaN", "Infinity", $"{int.MaxValue}", "1e12", "1e400", "", "unknown", "none", "٣", "0x10", "1,,2", "9..1"];

    [Fact]
    public void Every_setting_refuses_what_is_not_in_its_range()
    {
        using var session = new Session();
        session.Train("cuereward", "lr=x");
        var refused = 0;
        var slowest = TimeSpan.Zero;
        foreach (var setting in SettingHelp.All)
        {
            var task = Listing.Tasks.FirstOrDefault(task => task.Settings.Contains(setting.Name))?.Name ?? "cuereward";
            foreach (var value in Hostile)
            {
                var word = $"{setting.Name}={value}";
                // An accepted value would otherwise be trained.
                var isIn = IsIn(setting.Range, value);
                string[] words = isIn && setting.Name != "task" ? ["config", task, word] : ["train", task, word, "--out", session.Out];
                var (ended, time) = Timed(session, words);
                if (isIn && ended.Code == ExitCode.Ok) continue;
                // A value in range may conflict with the others. The machine may have been busy for a moment.
                refused++;
                if (time > Longest) (ended, time) = Timed(session, words);
                slowest = time > slowest ? time : slowest;
                var isName = setting.Name is "task" or "cell" or "rule";
                Assert.True(ended.Code == (isName ? ExitCode.Usage : ExitCode.Configuration), $"{word}: {ended.Code}");
                Assert.StartsWith("plastic: ", Assert.Single(ended.Messages));
                Assert.InRange(ended.Messages[0].Length, 10, 400);
                Assert.Contains(setting.Name, ended.Messages[0]);
                Assert.Empty(ended.Results);
                Assert.Empty(session.Everything());
            }
        }
        log.WriteLine($"{SettingHelp.All.Count} settings × {Hostile.Length} values: {refused} refused, the slowest after {slowest.TotalMilliseconds:F1} ms");
        Assert.True(slowest < Longest, $"{slowest.TotalMilliseconds} ms");
        Assert.InRange(refused, SettingHelp.All.Count * Hostile.Length / 2, SettingHelp.All.Count * Hostile.Length);
    }

    private static (Ended Ended, TimeSpan Time) Timed(Session session, string[] words)
    {
        var clock = Stopwatch.StartNew();
        return (session.Run(words), clock.Elapsed);
    }

    /// <summary>Whether a range in words contains a text.</summary>
    private static bool IsIn(string range, string text)
    {
        if (Regex.Match(range, @"^a (whole )?number from (\S+) to ([^,\s]+)(, or none)?$") is not { Success: true } match)
        {
            return range.Split([", ", " or "], StringSplitOptions.None).Contains(text);
        }
        if (text == "none") return match.Groups[4].Success;
        return Regex.IsMatch(text, match.Groups[1].Success ? "^-?[0-9]+$" : @"^-?[0-9]+(\.[0-9]+)?(e[0-9]+)?$")
            && Number(text) is var number && number >= Number(match.Groups[2].Value) && number <= Number(match.Groups[3].Value);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
