using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Plastic.Watch;

/// <summary>
/// Who is let in: a browser on this machine, or at the other end of a tunnel, that has the token. The port is open to every user of the
/// machine and, through the browser, to every page that it shows.
/// </summary>
/// <param name="port">The port that the server listens on.</param>
/// <param name="token">The secret.</param>
internal sealed class Gate(int port, string token)
{
    private readonly byte[] expected = SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {token}"));

    /// <summary>Why a request is refused before its path is looked at; null where it is not.</summary>
    public Answer? Refuses(HttpRequest request)
    {
        // A page of another name that was pointed at this address (DNS rebinding) sends its own name.
        if (!IsOwn(request.Headers.Host.ToString())) return Answer.Refused(421, $"this server answers as 127.0.0.1:{port} and localhost:{port} only");
        if (!HttpMethods.IsGet(request.Method)) return Answer.Refused(405, "only GET");
        if (request.Headers.Origin is [var origin, ..] && !IsOwn(origin!.Replace("http://", "", StringComparison.Ordinal)))
        {
            return Answer.Refused(403, "not for pages of others");
        }
        // A link to the page may be followed from anywhere, such as from a terminal in a browser: the page holds no data.
        if (request.Path == "/" && request.Headers["Sec-Fetch-Mode"] is ["navigate"] && request.Headers["Sec-Fetch-Dest"] is ["document"]) return null;
        return request.Headers["Sec-Fetch-Site"] is ["cross-site" or "same-site", ..] ? Answer.Refused(403, "not for pages of others") : null;
    }

    /// <summary>Whether a request has the token: in a header, which no other page can send.</summary>
    public bool HasToken(HttpRequest request) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString())), expected);

    private bool IsOwn(string host) => host == $"127.0.0.1:{port}" || host == $"localhost:{port}";
}
