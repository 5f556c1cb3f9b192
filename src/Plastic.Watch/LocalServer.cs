using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Plastic.Watch;

/// <summary>
/// A web server for one person: Kestrel on the loopback address, without host, configuration or environment, so that nothing outside can
/// make it listen elsewhere. It serves one page to everybody who may reach it, and what the page asks for to who has the token.
/// </summary>
internal sealed class LocalServer : IHttpApplication<HttpContext>, IDisposable
{
    private readonly KestrelServer server;
    private readonly Page page;
    private readonly Func<string, Func<string, string>, Answer?> answers;
    private Gate? gate;

    private LocalServer(Page page, Func<string, Func<string, string>, Answer?> answers, int port)
    {
        (this.page, this.answers) = (page, answers);
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.MaxConcurrentConnections = 64;
        // The page asks every two seconds. Who says nothing for longer makes room for others.
        options.Limits.KeepAliveTimeout = options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        server = new KestrelServer(
            Options.Create(options),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>Starts a server.</summary>
    /// <param name="page">The page at "/"; it holds no data.</param>
    /// <param name="token">The secret that all else needs.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="answers">The answer for a path, with what gives its parameters ("" for none); null where there is nothing.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static LocalServer Start(Page page, string token, int port, Func<string, Func<string, string>, Answer?> answers)
    {
        var local = new LocalServer(page, answers, port);
        try
        {
            local.server.StartAsync(local, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (SocketException fault)
        {
            local.Dispose();
            throw new IOException(fault.Message, fault);
        }
        catch
        {
            local.Dispose();
            throw;
        }
        var address = local.server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        local.Port = new Uri(address).Port;
        local.gate = new Gate(local.Port, token);
        return local;
    }

    /// <inheritdoc/>
    public void Dispose() => server.Dispose();

    HttpContext IHttpApplication<HttpContext>.CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    void IHttpApplication<HttpContext>.DisposeContext(HttpContext context, Exception? exception)
    {
    }

    async Task IHttpApplication<HttpContext>.ProcessRequestAsync(HttpContext context)
    {
        // Between the start and the port's being known, nobody can have the address.
        var answer = gate is null ? Answer.Refused(503, "starting") : await Task.Run(() => Of(context.Request));
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.Type;
        response.ContentLength = answer.Body.Length;
        var headers = response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = page.Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (answer.Status == 405) headers.Allow = "GET";
        await response.Body.WriteAsync(answer.Body);
    }

    private Answer Of(HttpRequest request)
    {
        if (gate!.Refuses(request) is { } refusal) return refusal;
        var path = request.Path.Value ?? "";
        if (path == "/") return page.Answer;
        if (!gate.HasToken(request)) return Answer.Refused(403, "the token is missing or wrong: open the address that plastic watch has printed");
        return answers(path, name => request.Query[name].ToString()) ?? Answer.Refused(404, "nothing here");
    }
}
