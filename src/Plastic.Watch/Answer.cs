namespace Plastic.Watch;

/// <summary>What a server answers.</summary>
/// <param name="Status">The status code of HTTP.</param>
/// <param name="Type">The content's type.</param>
/// <param name="Body">The content.</param>
internal sealed record Answer(int Status, string Type, byte[] Body)
{
    /// <summary>A refusal, in words.</summary>
    public static Answer Refused(int status, string why) => new(status, "text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(why + "\n"));

    /// <summary>JSON.</summary>
    public static Answer Json(byte[] body) => new(200, "application/json", body);
}
