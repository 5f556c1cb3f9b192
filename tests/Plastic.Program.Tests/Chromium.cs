using System.ComponentModel;
using System.Text.Json;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// Debian's Chromium, without a window, driven by playwright-core, which npm installs into a folder of the test's own. Where one of them is
/// missing, tests are skipped.
/// </summary>
internal static class Chromium
{
    private static readonly Lazy<string?> Driver = new(Install);

    /// <summary>
    /// Opens a page and runs a script on it, which gets `page`, `address`, `context` and `until(what, condition)`, and whose result is returned.
    /// Fails where the page writes an error to its console, or asks another host.
    /// </summary>
    /// <param name="address">The page.</param>
    /// <param name="script">The body of an asynchronous function.</param>
    /// <param name="options">Of the browser's context, such as colorScheme.</param>
    public static JsonElement Drive(string address, string script, string options = "{}")
    {
        Skip.If(Driver.Value is null, "needs Debian's chromium and nodejs, and npm install playwright-core");
        var (code, output, errors) = Processes.Run(Driver.Value!, "node", ["-e", Prelude + script + Epilogue, "--", address, options]);
        Assert.True(code == 0, $"{errors}\n{output}");
        return JsonDocument.Parse(output).RootElement;
    }

    private const string Prelude = """
        const { chromium } = require("playwright-core");
        const [address, options] = process.argv.slice(1);
        const run = async (page, context, until) => {

        """;

    private const string Epilogue = """

        };
        (async () => {
          const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
          try {
            const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...JSON.parse(options) });
            const page = await context.newPage();
            const faults = [];
            page.on("console", message => { if (["error", "warning"].includes(message.type())) faults.push(message.text()); });
            page.on("pageerror", error => faults.push(error.message));
            page.on("dialog", dialog => { faults.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
            page.on("request", request => {
              if (!request.url().startsWith("data:") && new URL(request.url()).host !== new URL(address).host) faults.push(`asked ${request.url()}`);
            });
            const until = async (what, condition, argument) => {
              try {
                await page.waitForFunction(condition, argument, { timeout: 60000, polling: 50 });
              } catch (error) {
                throw new Error(`${what}: never; ${error.message.split("\n")[0]}; ${faults.join("; ")}`);
              }
            };
            await page.goto(address);
            const result = await run(page, context, until);
            const isRefused = /^Failed to load resource.*403/;
            const real = result?.mayRefuse ? faults.filter(fault => !isRefused.test(fault)) : faults;
            if (real.length > 0) throw new Error(real.join("\n"));
            console.log(JSON.stringify(result ?? null));
          } finally {
            await browser.close();
          }
        })().catch(error => { console.error(error.message); process.exit(1); });
        """;

    private static string? Install()
    {
        try
        {
            if (!File.Exists("/usr/bin/chromium") || Processes.Run(Path.GetTempPath(), "node", ["--version"]).Code != 0) return null;
            var folder = Directory.CreateTempSubdirectory("plastic-test-browser-").FullName;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
            return Processes.Run(folder, "npm", ["install", "--no-save", "--no-audit", "--no-fund", "--silent", "playwright-core"]).Code == 0 ? folder : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
