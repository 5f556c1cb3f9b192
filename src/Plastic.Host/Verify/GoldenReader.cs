using System.Text.Json;
using Plastic.Core;

namespace Plastic.Host;

/// <summary>From a golden file to what it holds: a network and a batch, an image encoder alone, or both.</summary>
internal static class GoldenReader
{
    /// <exception cref="PlasticException">The file is missing, unreadable, or not a golden case.</exception>
    public static Golden Read(string path) => Read(path, InputFile.Bytes(path));

    /// <summary>The same of a file's content.</summary>
    /// <exception cref="PlasticException">It is not a golden case.</exception>
    public static Golden Read(string path, byte[] bytes)
    {
        var members = JsonFile.Parse<Dictionary<string, JsonElement>>(path, bytes);
        return !members.ContainsKey("encoder") ? Network(path, File<GoldenFile>())
            : members.ContainsKey("model") ? new GoldenEpisodesReader(path, File<GoldenEpisodesFile>()).Read()
            : new GoldenEncoderReader(path, File<GoldenEncoderFile>()).Read();

        T File<T>() => JsonFile.Parse<T>(path, bytes, JsonText.CamelCase);
    }

    private static GoldenNetwork Network(string path, GoldenFile file)
    {
        var checks = new GoldenChecks(path);
        var model = new GoldenModelReader(checks);
        var batch = checks.Whole("batch", file.Batch, 1, GoldenChecks.LargestSize);
        var steps = checks.Whole("steps", file.Steps, 1, GoldenChecks.LargestSize);
        checks.Whole("lossFrom", file.LossFrom, 0, steps - 1);
        var network = model.Network(model.Options(file.Model, batch));
        var (inputs, outputs) = (network.Options.Inputs, network.Options.Outputs);
        var expected = file.Expected;
        return new GoldenNetwork
        {
            File = path,
            Network = network,
            Parameters = checks.OnePerParameter("parameters", file.Parameters, network.Parameters),
            Batch = new Batch(
                batch, steps, inputs, outputs, checks.Values("input", file.Input, batch, steps, inputs),
                checks.Values("target", file.Target, batch, steps, outputs), GoldenModelReader.StepWeights(steps, file.LossFrom)),
            Outputs = new Dictionary<string, double[]>
            {
                ["output"] = checks.Values("expected > output", expected.Output, batch, steps, outputs),
                ["eta"] = checks.Values("expected > eta", expected.Eta, batch, steps),
                ["decay"] = checks.Values("expected > decay", expected.Decay, batch, steps),
                ["innerLoss"] = checks.Values("expected > innerLoss", expected.InnerLoss, steps),
            },
            Loss = expected.Loss,
            Gradients = checks.OnePerParameter("expected > gradients", expected.Gradients, network.Parameters),
            FastWeights = model.FastWeights(network, batch, expected.Final),
            States = model.States(network, batch, expected.Final),
            Training = model.Training(file.Training),
        };
    }
}
