using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>JSON as the program writes it: shortest numbers that read back the same, letters as they are.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Lines = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Pages = new(Lines) { WriteIndented = true };

    /// <summary>Over several lines, for people, with a line end.</summary>
    public static string Document(JsonNode node) => node.ToJsonString(Pages) + "\n";

    /// <summary>On one line, without a line end.</summary>
    public static string Line(JsonNode node) => node.ToJsonString(Lines);
}
