using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Plastic.Host;

/// <summary>
/// JSON as the program writes and reads it: the names of a type's properties in snake_case, shortest numbers that read back the
/// same, letters as they are. Reading is strict: no member may be missing, unknown, repeated or null where its type has no null.
/// </summary>
internal static class JsonText
{
    /// <summary>On one line.</summary>
    public static JsonSerializerOptions Lines { get; } = Strict(JsonNamingPolicy.SnakeCaseLower);

    /// <summary>The same with names in camelCase, as golden cases have them.</summary>
    public static JsonSerializerOptions CamelCase { get; } = Strict(JsonNamingPolicy.CamelCase);

    private static readonly JsonSerializerOptions Pages = new(Lines) { WriteIndented = true };

    /// <summary>Indented, with a final line end.</summary>
    public static string Document<T>(T value) => JsonSerializer.Serialize(value, Pages) + "\n";

    /// <summary>On one line, without a line end.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, Lines);

    /// <summary>A number that may not be finite: JSON has no NaN and no infinity.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static JsonSerializerOptions Strict(JsonNamingPolicy naming)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = naming,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Converters = { new JsonStringEnumConverter(naming, allowIntegerValues: false) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
