using System.Text.Json;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>Reads back what a run was from its folder.</summary>
internal static class SavedRun
{
    /// <summary>The run that a folder's config.json describes.</summary>
    /// <exception cref="PlasticException">There is none, or it is not one of this version.</exception>
    public static Run Read(string path)
    {
        var config = Path.Combine(path, RunDirectory.ConfigFile);
        if (!File.Exists(config))
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"{path} is no run: it has no {RunDirectory.ConfigFile} (plastic list runs)");
        }
        try
        {
            using var document = JsonDocument.Parse(JsonReading.Bytes(config));
            var texts = document.RootElement.EnumerateObject()
                .Select(key => KeyValuePair.Create(key.Name, Text(key.Value))).ToArray();
            return SavedSettings.TryRead(texts, out var run, out var fault)
                ? run
                : throw new PlasticException(ExitCode.BadData, $"{config}: {fault}");
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException)
        {
            throw new PlasticException(ExitCode.BadData, $"{config}: no settings: {thrown.Message}", thrown);
        }
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "none",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.GetRawText(),
    };
}
