using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>inner_rate.json of a run's folder: <see cref="InnerRates"/>.</summary>
internal static class InnerRateFile
{
    public const string Name = "inner_rate.json";

    /// <summary>The file's content.</summary>
    public static string Document(InnerRates rates) => JsonText.Document(new JsonObject
    {
        ["mean"] = new JsonArray([.. rates.Mean.Select(value => (JsonNode)value)]),
        ["standard_deviation"] = new JsonArray([.. rates.Deviation.Select(value => (JsonNode)value)]),
    });

    /// <summary>Reads it; null when the run is not finished.</summary>
    /// <exception cref="PlasticException">The file is missing, or its content is wrong.</exception>
    public static InnerRates? Read(string path) => RunDirectory.IsFinished(path)
        ? JsonReading.File(Path.Combine(path, Name), json =>
        {
            json.Only("mean", "standard_deviation");
            var mean = json.Member("mean").Numbers();
            return new InnerRates(mean, json.Member("standard_deviation").Numbers(mean.Length));
        })
        : null;
}
