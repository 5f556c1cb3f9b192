using Plastic.CommandLine;
using Plastic.Watch;

namespace Plastic.Host;

/// <summary>The page and its server. Use <see cref="WebFramework.Load"/> before.</summary>
internal sealed class WatchServer : IDisposable
{
    private readonly LocalServer server;

    private WatchServer(string root, LocalServer server, string token, RunIndex index)
    {
        (Root, this.server, Index) = (root, server, index);
        // What stands behind "#" is not sent. The page removes it from the address; the browser's history may keep it, and it ends with the server.
        Address = $"http://127.0.0.1:{server.Port}/#token={token}";
        Token = token;
    }

    /// <summary>The folder of all runs.</summary>
    public string Root { get; }

    /// <summary>The address to open, with the secret.</summary>
    public string Address { get; }

    /// <summary>The secret.</summary>
    public string Token { get; }

    /// <summary>The port.</summary>
    public int Port => server.Port;

    /// <summary>What it knows of the runs.</summary>
    public RunIndex Index { get; }

    /// <summary>Starts it.</summary>
    /// <param name="root">The folder of all runs.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="reading">How a run is read whose network is looked into.</param>
    /// <exception cref="PlasticException">The port is in use.</exception>
    public static WatchServer Start(string root, int port, RunReading reading)
    {
        var index = new RunIndex(root);
        // Before somebody asks.
        System.Threading.Tasks.Task.Run(index.Refresh);
        var answers = new WatchAnswers(root, index, new RunInsides(reading));
        var token = WatchCommand.NewToken();
        try
        {
            return new WatchServer(root, LocalServer.Start(PageOf(), token, port, answers.Of), token, index);
        }
        catch (IOException fault)
        {
            throw new PlasticException(ExitCode.Exists, $"port {port} cannot be used: {Failure.OneLine(fault.Message)}; choose another with --port", fault);
        }
    }

    public void Dispose() => server.Dispose();

    private static Page PageOf()
    {
        string[] scripts = [.. new[] { "Report.chart.js", "Report.parts.js", "Watch.server.js", "Watch.overview.js", "Watch.view.js", "Watch.watch.js" }.Select(Resource.Text)];
        var style = PageStyle.Text + Resource.Text("Watch.watch.css");
        var html = Resource.Text("Watch.watch.html")
            .Replace("/*style*/", style)
            .Replace("<!--scripts-->", string.Join('\n', scripts.Select(script => $"<script>{script}</script>")));
        return new Page(html, scripts, style);
    }
}
