using System.Text.Json;
using Plastic.CommandLine;
using Plastic.Host;
using Xunit;
using Xunit.Abstractions;

namespace Plastic.Program.Tests;

/// <summary>The page of `watch`, in a browser.</summary>
public sealed class WatchPageTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-test-");
    private WatchServer? server;

    private string Root => Path.Combine(folder.FullName, "runs");

    public void Dispose()
    {
        server?.Dispose();
        folder.Delete(recursive: true);
    }

    [SkippableFact]
    public void Curves_grow_while_a_run_trains_and_what_waits_is_shown()
    {
        string[] words =
        [
            "train", "cuereward", "rule=hebbian,oja", "hidden=4", "batch=2", "max_batch=1000000", "validate_every=1000", "log_every=1000", "validation_batches=1", "test_batches=1",
            "--threads", "1", "--out", folder.FullName,
        ];
        using var session = new Session();
        var training = Task.Run(() => session.Run(words));
        try
        {
            var seen = Drive("""
                const points = () => (document.querySelector("#curves svg.chart svg path:not([fill-opacity])")?.getAttribute("d").match(/L/g) ?? []).length;
                await until("a curve", () => (document.querySelector("#curves svg.chart svg path")?.getAttribute("d") ?? "").includes("L"));
                await page.evaluate(() => { window.isSame = true; });
                const first = await page.evaluate(points);
                await until("a longer curve", first => (document.querySelector("#curves svg.chart svg path:not([fill-opacity])").getAttribute("d").match(/L/g) ?? []).length > first + 3, first);
                return { first, last: await page.evaluate(points), isSame: await page.evaluate(() => window.isSame),
                  totals: await page.textContent("#totals"), live: await page.textContent("#live"), point: await page.textContent("#points tbody tr:nth-child(2)") };
                """);
            Assert.True(seen.GetProperty("isSame").GetBoolean());
            Assert.Equal("live; 1 run training", seen.GetProperty("live").GetString());
            Assert.Equal("2 runs1 running1 waiting", seen.GetProperty("totals").GetString());
            Assert.Contains("running", seen.GetProperty("point").GetString());
        }
        finally
        {
            foreach (var run in MadeRuns.Of(words[1..^4])) StopFile.Put(Path.Combine(Root, run.Directory));
            training.Wait();
        }
        Assert.Equal(ExitCode.TryAgain, training.Result.Code);
    }

    [SkippableFact]
    public void Experiments_are_chosen_compared_and_read_with_the_keyboard_alone()
    {
        foreach (var run in MadeRuns.Of("cuereward", "rule=hebbian,none", "cell=RNN", "seed=0..2")) MadeRuns.Make(Root, run);
        foreach (var run in MadeRuns.Of("cuereward_large", "cell=RNN", "rule=hebbian", "lr=0.001,0.003", "seed=0..2")) MadeRuns.Make(Root, run);
        var seen = Drive("""
            await until("the chart", () => document.querySelector("#curves svg.chart"));
            const legend = () => page.$$eval("#curves .legend button", buttons => buttons.map(button => button.firstChild.nextSibling.textContent));
            const lines = () => page.$$eval("#curves svg.chart svg path:not([fill-opacity])", paths => paths.length);
            const tabTo = async selector => {
              for (let k = 0; k < 60; k++) {
                await page.keyboard.press("Tab");
                if (await page.evaluate(selector => document.activeElement.matches(selector), selector)) {
                  return page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
                }
              }
              throw new Error(`no tab leads to ${selector}`);
            };
            const alone = await legend();
            const outlines = [await tabTo(".skip"), await tabTo("#find"), await tabTo("li:nth-child(2) .add input")];
            await page.keyboard.press("Space");
            await until("two experiments", () => document.querySelectorAll("#curves .legend button").length === 4);
            const compared = await legend();
            const names = await page.$$eval("#points tr.names th", cells => cells.map(cell => cell.textContent));
            outlines.push(await tabTo("#curves svg.chart"));
            for (const key of ["End", "ArrowLeft", "+"]) await page.keyboard.press(key);
            const read = await page.textContent("#curves .legend");
            await page.keyboard.press("Escape");
            outlines.push(await tabTo("#curves .legend button"));
            const before = await lines();
            await page.keyboard.press("Space");
            const after = await lines();
            outlines.push(await tabTo("#points .open"));
            await page.keyboard.press("Enter");
            const seeds = await page.$$eval("#points tr.seed", rows => rows.length);
            outlines.push(await tabTo("#points .tick input"));
            await page.keyboard.press("Space");
            await until("one curve less", () => document.querySelectorAll("#curves .legend button").length === 3);
            await page.reload();
            await until("the same choice", () => document.querySelectorAll("#curves .legend button").length === 4);
            return { alone, outlines, compared, names, read, before, after, seeds, address: page.url() };
            """);
        Assert.Equal(["hebbian", "none"], Strings(seen, "alone"));
        Assert.All(Strings(seen, "outlines"), outline => Assert.Equal("solid", outline));
        Assert.Equal(4, Strings(seen, "compared").Count(label => label.StartsWith("cuereward: ", StringComparison.Ordinal) || label.StartsWith("cuereward_large: ", StringComparison.Ordinal)));
        Assert.Contains("experiment", Strings(seen, "names"));
        Assert.Contains("lr", Strings(seen, "names"));
        Assert.Matches(@"\d\.\d+ \(\d\.\d+ to \d\.\d+\).*training step [\d,]+", seen.GetProperty("read").GetString()!);
        Assert.Equal(seen.GetProperty("before").GetInt32() - 1, seen.GetProperty("after").GetInt32());
        Assert.Equal(3, seen.GetProperty("seeds").GetInt32());
        Assert.DoesNotContain("token", seen.GetProperty("address").GetString());
    }

    [SkippableFact]
    public void A_single_validation_is_a_whole_mark_over_whole_steps()
    {
        var path = MadeRuns.Make(Root, MadeRuns.Of("cuereward", "rule=hebbian")[0], RunState.Running, 0, RunOwner.Current);
        File.WriteAllText(Path.Combine(path, RunDirectory.MetricsFile), MadeRuns.Validation(0, 0.25));
        var seen = Drive("""
            await until("the chart", () => document.querySelector("#curves svg.chart"));
            const steps = await page.$$eval("#curves svg.chart text[text-anchor=middle]", texts => texts.map(text => text.textContent));
            const isWhole = await page.$eval("#curves svg.chart path[transform]", mark => mark.ownerSVGElement.matches(".chart"));
            return { steps, isWhole };
            """);
        Assert.Equal(["0", "1", "training step"], Strings(seen, "steps"));
        Assert.True(seen.GetProperty("isWhole").GetBoolean());
    }

    [SkippableTheory]
    [InlineData(420, "light")]
    [InlineData(420, "dark")]
    [InlineData(1280, "dark")]
    public void It_fits_narrow_windows_and_dark_rooms_and_nothing_jumps(int width, string scheme)
    {
        foreach (var run in MadeRuns.Of("cuereward", "rule=hebbian,none", "cell=RNN", "seed=0..2")) MadeRuns.Make(Root, run);
        MadeRuns.Make(Root, MadeRuns.Of("cuereward", "rule=hebbian", "cell=LSTM")[0], RunState.Failed, 0.4, message: new string('x', 300));
        var seen = Drive(
            """
            await page.addInitScript(() => {
              window.shift = 0;
              new PerformanceObserver(list => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value; }).observe({ type: "layout-shift", buffered: true });
            });
            await page.goto("about:blank");
            await page.goto(address);
            await until("the chart", () => document.querySelector("#curves svg.chart"));
            for (let k = 0; k < await page.locator("#points .open").count(); k++) await page.locator("#points .open").nth(k).click();
            await page.waitForTimeout(2500);
            // Only runs that failed, and all again.
            const failed = page.locator("#totals button", { hasText: "failed" }), listed = [];
            for (let k = 0; k < 2; k++) {
              await failed.click();
              listed.push(await page.locator("#points .open").count());
            }
            if (listed.join() !== "1,3") throw new Error(`listed ${listed}`);
            return page.evaluate(() => ({ width: document.documentElement.scrollWidth, shift: window.shift, back: getComputedStyle(document.body).backgroundColor,
              curve: getComputedStyle(document.querySelector("#curves .legend path")).stroke, message: document.querySelector(".message").textContent.length }));
            """,
            $$"""{"viewport":{"width":{{width}},"height":900},"colorScheme":"{{scheme}}"}""");
        Assert.Equal(width, seen.GetProperty("width").GetInt32());
        Assert.Equal(scheme == "dark" ? "rgb(21, 24, 28)" : "rgb(255, 255, 255)", seen.GetProperty("back").GetString());
        Assert.Equal(scheme == "dark" ? "rgb(108, 198, 253)" : "rgb(31, 127, 224)", seen.GetProperty("curve").GetString());
        // Above 0.1, people notice (Core Web Vitals).
        Assert.InRange(seen.GetProperty("shift").GetDouble(), 0, 0.1);
        Assert.Equal(300, seen.GetProperty("message").GetInt32());
    }

    [SkippableFact]
    public void Scripts_in_names_settings_and_messages_are_texts()
    {
        const string script = "<img src=x onerror=alert(1)><script>alert(2)</script>";
        var run = MadeRuns.Make(Root, MadeRuns.Of("cuereward")[0], RunState.Failed, 0.4, message: script);
        File.WriteAllText(Path.Combine(run, RunLabel.File), JsonText.Document(new RunLabel(script, [script])));
        var evil = Path.Combine(Root, "<img src=x onerror=alert(3)>", "<b>point", "seed=0");
        Directory.CreateDirectory(Path.GetDirectoryName(evil)!);
        Directory.Move(MadeRuns.Make(folder.FullName, MadeRuns.Of("cuereward", "rule=oja")[0]), evil);
        var seen = Drive("""
            await until("the list", () => document.querySelectorAll("#experiments li").length === 2);
            for (const box of await page.$$("#experiments li .add input")) if (!await box.isChecked()) await box.check();
            await until("both", () => document.querySelectorAll("#points .open").length === 2);
            for (let k = 0; k < 2; k++) await page.locator("#points .open").nth(k).click();
            await page.waitForTimeout(500);
            return page.evaluate(() => ({ elements: document.querySelectorAll("main img, main script, nav img, nav script, main b, #points b").length,
              text: document.body.innerText }));
            """);
        Assert.Equal(0, seen.GetProperty("elements").GetInt32());
        Assert.Contains(script, seen.GetProperty("text").GetString());
        Assert.Contains("<img src=x onerror=alert(3)>", seen.GetProperty("text").GetString());
    }

    [SkippableFact]
    public void A_finished_network_is_looked_into()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Run(
            "train", "cuereward", "rule=hebbian", "hidden=6", "batch=2", "max_batch=4", "validate_every=2", "validation_batches=1", "test_batches=1", "--out", folder.FullName).Code);
        var seen = Drive("""
            await until("the point", () => document.querySelector("#points .open"));
            await page.click("#points .open");
            await page.click(".look");
            await until("the heat map", () => document.querySelector("#inside canvas"));
            await page.focus("#inside canvas");
            await page.keyboard.press("ArrowDown");
            return page.evaluate(() => ({ width: document.querySelector("#inside canvas").width, heading: document.querySelector("#inside h2").textContent,
              text: document.querySelector("#inside").innerText }));
            """);
        Assert.Equal(6, seen.GetProperty("width").GetInt32());
        Assert.StartsWith("Inside cuereward, ", seen.GetProperty("heading").GetString());
        Assert.Matches(@"from unit 1 to 0: [−-]?\d", seen.GetProperty("text").GetString());
    }

    [SkippableFact]
    public void A_wrong_token_is_told_and_shows_nothing()
    {
        MadeRuns.Make(Root, MadeRuns.Of("cuereward")[0]);
        var seen = Drive("""
            await until("a message", () => document.getElementById("live").textContent.includes("token"));
            return { mayRefuse: true, text: await page.evaluate(() => document.body.innerText) };
            """, isRight: false);
        Assert.DoesNotContain("cuereward", seen.GetProperty("text").GetString());
    }

    [SkippableFact]
    public void All_runs_of_the_paper_are_on_one_page()
    {
        var runs = MadeRuns.Everything().ToArray();
        foreach (var run in runs) MadeRuns.Make(Root, run);
        MadeRuns.Age(Root);
        var seen = Drive("""
            await until("the chart", () => document.querySelector("#curves svg.chart"));
            const first = await page.evaluate(() => performance.now());
            const experiments = await page.$$eval("#experiments li", items => items.length);
            await page.click("#experiments li:nth-child(3) .pick");
            await until("another", () => document.querySelector("#experiments li:nth-child(3) .pick").getAttribute("aria-pressed") === "true"
              && document.querySelector("#curves h2").textContent === document.querySelector("#experiments li:nth-child(3) b").textContent);
            return { first, experiments, totals: await page.textContent("#totals") };
            """);
        output.WriteLine($"{runs.Length} runs in {seen.GetProperty("first").GetDouble():F0} ms");
        Assert.True(runs.Length >= 800);
        Assert.Equal(runs.Select(run => run.Experiment).Distinct().Count(), seen.GetProperty("experiments").GetInt32());
        Assert.Equal($"{runs.Length:N0} runs{runs.Length:N0} finished", seen.GetProperty("totals").GetString());
        // Whatever the page has asked for, each file was read once: settings, state, metrics, times and test.
        Assert.Equal(5 * runs.Length, server!.Index.Reads);
    }

    private JsonElement Drive(string script, string options = "{}", bool isRight = true)
    {
        WebFramework.Load();
        server = WatchServer.Start(Root, 0, new RunReading(false, null));
        return Chromium.Drive(isRight ? server.Address : server.Address.Replace(server.Token, WatchCommand.NewToken()), script, options);
    }

    private static string[] Strings(JsonElement seen, string name) => [.. seen.GetProperty(name).EnumerateArray().Select(one => one.GetString()!)];
}
