using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Plastic.CommandLine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Who `watch` lets in, what it serves, and what texts in runs can do.</summary>
public sealed class WatchServerTests : IDisposable
{
    private const string Script = "<script>alert(1)</script><img src=x onerror=alert(1)>";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-test-");
    private readonly WatchServer server;

    public WatchServerTests()
    {
        var runs = MadeRuns.Of("cuereward", "rule=hebbian,none", "cell=RNN", "seed=0..2");
        foreach (var run in runs) MadeRuns.Make(Root, run);
        var failed = MadeRuns.Make(Root, runs[0], RunState.Failed, 0.4, message: Script);
        File.WriteAllText(Path.Combine(failed, RunLabel.File), JsonText.Document(new RunLabel(Script, [Script])));
        File.WriteAllText(Path.Combine(folder.FullName, "secret.txt"), "secret outside");
        File.WriteAllText(Path.Combine(Root, "secret.txt"), "secret inside");
        // What was written just now may change again within the same tick, and is read again.
        MadeRuns.Age(Root);
        WebFramework.Load();
        server = WatchServer.Start(Root, 0, new RunReading(false, null));
    }

    private string Root => Path.Combine(folder.FullName, "runs");

    public void Dispose()
    {
        server.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public void The_page_holds_no_data_and_its_headers_forbid_all_but_itself()
    {
        var page = Ask("/", token: null);
        Assert.StartsWith("HTTP/1.1 200", page);
        Assert.DoesNotContain("cuereward", page);
        Assert.DoesNotContain(server.Token, page);
        foreach (var header in new[]
        {
            "Content-Security-Policy: default-src 'none'; script-src 'sha256-", "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
            "Cache-Control: no-store", "Cross-Origin-Resource-Policy: same-origin", "frame-ancestors 'none'",
        })
        {
            Assert.Contains(header, page);
        }
        Assert.DoesNotContain("unsafe-inline", page);
        Assert.DoesNotContain("Access-Control", page);
        Assert.DoesNotContain("Server:", page);
        // No element of the page runs a text, and nothing is read as HTML.
        Assert.DoesNotMatch(@"\son[a-z]+=|innerHTML|insertAdjacentHTML|document\.write|eval\(", page);
        Assert.StartsWith($"http://127.0.0.1:{server.Port}/#token=", server.Address);
        Assert.Equal(32, server.Token.Length);
        Assert.NotEqual(server.Token, WatchCommand.NewToken());
    }

    [Fact]
    public void Runs_are_shown_to_who_has_the_token_alone()
    {
        Assert.StartsWith("HTTP/1.1 200", Ask("/api/runs?since=0", server.Token));
        foreach (var wrong in new[] { null, "", server.Token[..^1], server.Token + "0", server.Token.ToUpperInvariant(), new string('0', 32) })
        {
            var answer = Ask("/api/runs?since=0", wrong);
            Assert.StartsWith("HTTP/1.1 403", answer);
            Assert.DoesNotContain("cuereward", answer);
        }
        Assert.StartsWith("HTTP/1.1 403", Ask($"/api/runs?token={server.Token}", token: null));
        Assert.StartsWith("HTTP/1.1 403", Send($"GET /api/runs HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nCookie: token={server.Token}\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public void Other_hosts_origins_and_methods_are_refused()
    {
        foreach (var host in new[] { "evil.example", $"evil.example:{server.Port}", "127.0.0.1", $"127.0.0.1:{server.Port + 1}", $"127.0.0.1.evil.example:{server.Port}", "" })
        {
            foreach (var path in new[] { "/", "/api/runs" }) Assert.Matches("^HTTP/1.1 4(21|00)", Ask(path, server.Token, host));
        }
        Assert.StartsWith("HTTP/1.1 200", Ask("/api/runs", server.Token, $"localhost:{server.Port}"));
        foreach (var header in new[] { "Origin: http://evil.example", $"Origin: https://127.0.0.1:{server.Port}", "Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site" })
        {
            Assert.StartsWith("HTTP/1.1 403", Ask("/api/runs", server.Token, more: header));
        }
        // A link that is followed opens the page, which holds no data, and nothing else.
        const string Link = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: ";
        Assert.StartsWith("HTTP/1.1 200", Ask("/", token: null, more: Link + "document"));
        foreach (var (path, more) in new[] { ("/", Link + "iframe"), ("/", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: document"), ("/api/runs", Link + "document") })
        {
            Assert.StartsWith("HTTP/1.1 403", Ask(path, server.Token, more: more));
        }
        foreach (var method in new[] { "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "PATCH" })
        {
            Assert.Matches("^HTTP/1.1 405", Send($"{method} /api/runs HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nAuthorization: Bearer {server.Token}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        }
    }

    [Fact]
    public void No_path_leads_to_a_file()
    {
        string[] paths =
        [
            "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/secret.txt", "/api/../../secret.txt", "/runs/secret.txt", "//etc/passwd", "/api//etc/passwd",
            $"{Root}/secret.txt", "/api/runs/../secret.txt", "/api/insides?run=../secret.txt", "/api/insides?run=%2fetc%2fpasswd", "/api/insides?run=", "/api/insides",
            "/api/view/", "/API/RUNS", "/api/", "/api/runs%00.txt",
        ];
        foreach (var path in paths)
        {
            var answer = Ask(path, server.Token);
            Assert.Matches("^HTTP/1.1 40[04]", answer);
            Assert.DoesNotContain("secret outside", answer);
            Assert.DoesNotContain("secret inside", answer);
            Assert.DoesNotContain("root:", answer);
        }
        // What is asked with other words than ids is as if nothing were asked.
        Assert.DoesNotContain("secret", Body(Ask("/api/view?experiments=../secret.txt&points=../../secret.txt&show=../secret.txt", server.Token)).GetRawText());
    }

    [Fact]
    public void Only_what_has_changed_is_sent()
    {
        var all = Body(Ask("/api/runs?since=0", server.Token));
        Assert.Equal(6, all.GetProperty("runs").GetArrayLength());
        var version = all.GetProperty("version").GetInt64();
        var none = Body(Ask($"/api/runs?since={version}", server.Token));
        Assert.Equal((0, version), (none.GetProperty("runs").GetArrayLength(), none.GetProperty("version").GetInt64()));
        Assert.Empty(none.GetProperty("pictures").EnumerateObject());
        Assert.Equal(JsonValueKind.Null, none.GetProperty("ids").ValueKind);

        var first = all.GetProperty("runs")[0];
        var view = $"/api/view?experiments={first.GetProperty("experimentId").GetString()}&points={first.GetProperty("point").GetString()}";
        var whole = Body(Ask($"{view}&since=0&count=0", server.Token));
        Assert.Equal(6, whole.GetProperty("count").GetInt32());
        Assert.Equal(["rule"], whole.GetProperty("differing").EnumerateArray().Select(key => key.GetString()));
        var curve = Assert.Single(whole.GetProperty("chart").GetProperty("curves").EnumerateArray());
        Assert.True(curve.GetProperty("hasBand").GetBoolean());
        Assert.True(Body(Ask($"{view}&since={whole.GetProperty("version").GetInt64()}&count=6", server.Token)).GetProperty("same").GetBoolean());
    }

    [Fact]
    public void Texts_in_runs_are_sent_as_texts()
    {
        var answer = Ask("/api/runs?since=0", server.Token);
        Assert.Contains("Content-Type: application/json", answer);
        Assert.DoesNotContain("<script>", answer);
        var run = Body(answer).GetProperty("runs").EnumerateArray().Single(run => run.GetProperty("kind").GetString() == "failed");
        Assert.Equal((Script, Script), (run.GetProperty("message").GetString(), run.GetProperty("name").GetString()));
    }

    [Fact]
    public void A_damaged_run_leaves_the_others_alone()
    {
        var path = MadeRuns.Make(Root, MadeRuns.Of("cuereward", "rule=oja", "seed=7")[0], RunState.Running, 0, RunOwner.Current);
        void Write(string name, params string[] lines) => File.WriteAllText(Path.Combine(path, name), string.Concat(lines.Select(line => line + "\n")));
        const string Large = "1.7976931348623157e308";
        Write(
            RunDirectory.MetricsFile, $"{{\"step\":0,\"validation_loss\":{Large}}}", $"{{\"step\":5,\"validation_loss\":-{Large}}}",
            $"{{\"step\":10,\"validation_loss\":{Large}}}", "{\"step\":15,\"validation_loss\":0.5}");
        Write(RunDirectory.TimingFile, "{\"step\":0,\"seconds\":1}", $"{{\"step\":1,\"seconds\":{Large}}}", "{\"step\":2,\"seconds\":1e49}");
        Write(RunDirectory.TestFile, JsonText.Line(new TestResults(double.MaxValue, 0, 0, double.MaxValue)));
        server.Index.Refresh();
        var runs = Body(Ask("/api/runs?since=0", server.Token)).GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(7, runs.Count(run => run.GetProperty("kind").GetString() != "waiting"));
        var run = runs.Single(run => run.GetProperty("seed").GetInt32() == 7 && run.GetProperty("kind").GetString() != "waiting");
        Assert.Equal(("running", 0.5), (run.GetProperty("kind").GetString(), run.GetProperty("validation").GetDouble()));
        Assert.Equal(JsonValueKind.Null, run.GetProperty("test").ValueKind);
        foreach (var shown in new[] { "validation", "training" })
        {
            var view = $"/api/view?experiments={run.GetProperty("experimentId").GetString()}&points={run.GetProperty("point").GetString()}&show={shown}";
            Assert.StartsWith("HTTP/1.1 200", Ask(view, server.Token));
        }

        // What is wrong with the settings is told.
        Write(RunDirectory.ConfigFile, "nothing");
        server.Index.Refresh();
        run = Body(Ask("/api/runs?since=0", server.Token)).GetProperty("runs").EnumerateArray().Single(run => run.GetProperty("kind").GetString() == "unreadable");
        Assert.Contains(RunDirectory.ConfigFile, run.GetProperty("message").GetString());
    }

    [Fact]
    public void What_cannot_be_answered_is_said_in_a_sentence()
    {
        var answers = new WatchAnswers(Root, server.Index, new RunInsides(new RunReading(false, null)));
        var answer = answers.Of("/api/view", _ => throw new IOException("one\ntwo"))!;
        Assert.Equal(500, answer.Status);
        Assert.Matches("^plastic watch cannot answer this: .*one two\n$", Encoding.UTF8.GetString(answer.Body));
    }

    [Fact]
    public void Who_connects_and_says_nothing_makes_room()
    {
        var idle = Enumerable.Range(0, 64).Select(_ => new TcpClient("127.0.0.1", server.Port)).ToArray();
        try
        {
            // The server ends each of them.
            foreach (var client in idle)
            {
                client.ReceiveTimeout = 60_000;
                Assert.Equal(0, client.GetStream().Read(new byte[1]));
            }
            Assert.StartsWith("HTTP/1.1 200", Ask("/api/runs", server.Token));
        }
        finally
        {
            foreach (var client in idle) client.Dispose();
        }
    }

    [Fact]
    public void Nothing_is_written_and_a_port_in_use_is_refused()
    {
        var before = Everything();
        Ask("/api/runs?since=0", server.Token);
        Assert.Equal(before, Everything());
        var fault = Assert.Throws<PlasticException>(() => WatchServer.Start(Root, server.Port, new RunReading(false, null)));
        Assert.Equal(ExitCode.Exists, fault.Code);
        Assert.Contains("--port", fault.Message);

        string[] Everything() => [.. Directory.EnumerateFileSystemEntries(Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => $"{path} {File.GetLastWriteTimeUtc(path):O}").Order()];
    }

    [Fact]
    public void It_listens_on_the_loopback_address_alone()
    {
        var others = Dns.GetHostAddresses(Dns.GetHostName()).Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        foreach (var address in others)
        {
            using var socket = new TcpClient();
            Assert.Throws<SocketException>(() => socket.Connect(address, server.Port));
        }
    }

    [Fact]
    public void Without_asp_net_one_line_says_what_to_install()
    {
        var shared = Directory.CreateDirectory(Path.Combine(folder.FullName, "shared"));
        var runtime = shared.CreateSubdirectory("Microsoft.NETCore.App").CreateSubdirectory("10.0.12");
        var fault = Assert.Throws<PlasticException>(() => WebFramework.Beside(runtime.FullName + "/", new Version(10, 0, 12)));
        Assert.Equal(ExitCode.Configuration, fault.Code);
        Assert.DoesNotContain('\n', fault.Message);
        Assert.Contains("aspnetcore-runtime-10.0", fault.Message);
        // Another version does not fit; of those that do, the newest is taken.
        foreach (var version in new[] { "9.0.9", "10.0.9", "10.0.12", "11.0.0-preview.1", "10.1.0" }) shared.CreateSubdirectory($"Microsoft.AspNetCore.App/{version}");
        Assert.Equal("10.0.12", Path.GetFileName(WebFramework.Beside(runtime.FullName + "/", new Version(10, 0, 12))));
    }

    private string Ask(string path, string? token, string? host = null, string? more = null) => Send(
        $"GET {path} HTTP/1.1\r\nHost: {host ?? $"127.0.0.1:{server.Port}"}\r\n{(token is null ? "" : $"Authorization: Bearer {token}\r\n")}"
        + $"{(more is null ? "" : more + "\r\n")}Connection: close\r\n\r\n");

    /// <summary>Sends a request as it is, and returns all that comes back.</summary>
    private string Send(string request)
    {
        using var client = new TcpClient();
        client.Connect(IPAddress.Loopback, server.Port);
        using var stream = client.GetStream();
        stream.Write(Encoding.ASCII.GetBytes(request));
        using var answer = new MemoryStream();
        stream.CopyTo(answer);
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    private static JsonElement Body(string answer) => JsonDocument.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]).RootElement;
}
