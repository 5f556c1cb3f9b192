using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>Mean and standard deviation over episodes of the inner learning rate η(t), before clipping.</summary>
internal sealed record InnerRates(double[] Mean, double[] Deviation)
{
    /// <summary>Its file in a run's folder.</summary>
    public const string File = "inner_rate.json";

    public string Json => JsonText.Document(new JsonObject
    {
        ["mean"] = new JsonArray([.. Mean.Select(value => (JsonNode)value)]),
        ["standard_deviation"] = new JsonArray([.. Deviation.Select(value => (JsonNode)value)]),
    });

    /// <summary>Of a run's folder; null when the run is not finished.</summary>
    /// <exception cref="PlasticException">The file is no such file.</exception>
    public static InnerRates? Read(string path) => RunDirectory.IsFinished(path)
        ? JsonReading.File(Path.Combine(path, File), json =>
        {
            json.Only("mean", "standard_deviation");
            var mean = json.Member("mean").Numbers();
            return new InnerRates(mean, json.Member("standard_deviation").Numbers(mean.Length));
        })
        : null;
}
