using System.Security.Cryptography;
using System.Text;

namespace Plastic.Watch;

/// <summary>
/// The one page of a server, whose policy lets it run its own scripts and styles, by their hashes, and ask its own server, and nothing
/// else.
/// </summary>
internal sealed class Page
{
    /// <param name="html">The page.</param>
    /// <param name="scripts">The text of each of its script elements.</param>
    /// <param name="style">The text of its style element.</param>
    public Page(string html, IEnumerable<string> scripts, string style)
    {
        Answer = new Answer(200, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(html));
        Policy = $"default-src 'none'; script-src {string.Join(' ', scripts.Select(Hash))}; style-src {Hash(style)}; connect-src 'self'; "
            + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    /// <summary>The page.</summary>
    public Answer Answer { get; }

    /// <summary>The value of Content-Security-Policy.</summary>
    public string Policy { get; }

    private static string Hash(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
}
