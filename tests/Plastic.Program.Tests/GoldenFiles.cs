using System.Text.Json;
using System.Text.Json.Nodes;
using Plastic.Core;

namespace Plastic.Program.Tests;

/// <summary>Where golden cases are, and how to make one.</summary>
internal static class GoldenFiles
{
    /// <summary>The published implementation's cases, in tests/golden.</summary>
    public static IReadOnlyList<string> All { get; } = Find("golden");

    /// <summary>Its cases of images, in tests/golden-images.</summary>
    public static IReadOnlyList<string> Images { get; } = Find("golden-images");

    /// <summary>A committed case as JSON, to be changed.</summary>
    public static JsonObject Committed(string name) =>
        JsonNode.Parse(File.ReadAllText(All.Concat(Images).First(file => Path.GetFileName(file) == name)))!.AsObject();

    /// <summary>Changes a number: the second of a tensor, by a thousandth of the largest, or a single one by one.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="place">The path of keys, separated by slashes.</param>
    public static void Disturb(JsonObject golden, string place)
    {
        var keys = place.Split('/');
        var parent = keys[..^1].Aggregate((JsonNode)golden, (node, key) => node[key]!);
        if (parent[keys[^1]]!.GetValueKind() == JsonValueKind.Number)
        {
            parent[keys[^1]] = parent[keys[^1]]!.GetValue<double>() + 1;
            return;
        }
        var data = (parent[keys[^1]] as JsonArray ?? parent[keys[^1]]!["data"])!.AsArray();
        data[1] = data[1]!.GetValue<double>() + 2e-3 * data.Max(number => Math.Abs(number!.GetValue<double>()));
    }

    /// <summary>
    /// A golden case from the reference interpreter, for options that no published case has. Its training is one step, so
    /// that the trajectory is known without an optimiser.
    /// </summary>
    public static JsonObject Make(NetworkOptions options, int steps, int lossFrom)
    {
        var network = new PlasticNetwork(options);
        var parameters = network.InitialValues(5);
        var numbers = new RandomStream(Philox.key(5, "golden"), 0, 0);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => numbers.Normal())];

        var weight = Enumerable.Range(0, steps).Select(t => t < lossFrom ? 0 : 1.0 / (steps - lossFrom)).ToArray();
        var size = options.Batch;
        var batch = new Batch(
            size, steps, options.Inputs, options.Outputs, Draw(size * steps * options.Inputs),
            Draw(size * steps * options.Outputs), weight);
        var episode = network.RunReference(parameters, batch, wantGradient: true);
        var innerLoss = Enumerable.Range(0, steps)
            .Select(t => Enumerable.Range(0, size).Sum(b => episode.Outputs["innerLoss"][b * steps + t]))
            .ToArray();
        var norm = Math.Sqrt(episode.Gradients.Sum(gradient => gradient.Sum(g => g * g)));

        JsonObject OnePerParameter(double[][] values) => new(network.Parameters.Select((p, k) =>
            KeyValuePair.Create<string, JsonNode?>(p.Name, Tensor(values[k], p.Shape))));

        var plastic = new JsonObject();
        foreach (var synapse in network.PlasticSynapses)
        {
            var (name, rows, columns) = (synapse.Name, synapse.Rows, synapse.Columns);
            plastic[$"{name}.weight"] = Tensor(episode.FastWeights[name], size, rows, columns);
            plastic[$"{name}.bias"] = Tensor(episode.States[$"{name}.bias.fast"], size, columns);
        }
        var final = new JsonObject { ["plastic"] = plastic };
        foreach (var (state, length) in network.States.Where(state => !state.Key.EndsWith(".fast", StringComparison.Ordinal)))
        {
            final[state] = Tensor(episode.States[state], size, length);
        }

        return new JsonObject
        {
            ["name"] = "made",
            ["model"] = Model(options),
            ["batch"] = size,
            ["steps"] = steps,
            ["lossFrom"] = lossFrom,
            ["parameters"] = OnePerParameter(parameters),
            ["input"] = Tensor(batch.Input, size, steps, options.Inputs),
            ["target"] = Tensor(batch.Target, size, steps, options.Outputs),
            ["expected"] = new JsonObject
            {
                ["output"] = Tensor(episode.Outputs["output"], size, steps, options.Outputs),
                ["eta"] = Tensor(episode.Outputs["eta"], size, steps),
                ["decay"] = Tensor(episode.Outputs["decay"], size, steps),
                ["innerLoss"] = Tensor(innerLoss, steps),
                ["loss"] = episode.Loss,
                ["gradients"] = OnePerParameter(episode.Gradients),
                ["final"] = final,
            },
            ["training"] = new JsonObject
            {
                ["optimizer"] = "AdamW",
                ["amsgrad"] = false,
                ["learningRate"] = 0.01,
                ["weightDecay"] = 0.0,
                ["betas"] = new JsonArray(0.9, 0.999),
                ["epsilon"] = 1e-8,
                ["maxGradNorm"] = 1.0,
                ["losses"] = new JsonArray(episode.Loss),
                ["gradNorms"] = new JsonArray(norm),
            },
        };
    }

    private static JsonObject Model(NetworkOptions options) => new()
    {
        ["cell"] = options.Cell.IsRnn ? "RNN" : "LSTM",
        ["rule"] = options.Rule.Name,
        ["inputSize"] = options.Inputs,
        ["hiddenSize"] = options.Hidden,
        ["outputSize"] = options.Outputs,
        ["extraOutputs"] = options.Extra,
        ["modulation"] = options.Modulation,
        ["alphaInit"] = options.Alpha.IsFixed ? "none" : "random",
        ["innerLearningRate"] = options.Number("p_lr"),
        ["innerWeightDecay"] = options.Number("p_wd"),
        ["maxInnerNorm"] = options.Number("clip"),
        ["layerNorm"] = options.LayerNorm,
        ["weightClip"] = double.IsPositiveInfinity(options.Number("weight_clip")) ? null : options.Number("weight_clip"),
    };

    private static JsonObject Tensor(double[] data, params int[] shape) => new()
    {
        ["shape"] = new JsonArray([.. shape.Select(length => (JsonNode)length)]),
        ["data"] = new JsonArray([.. data.Select(number => (JsonNode)number)]),
    };

    /// <summary>A folder of the tests, in the repository.</summary>
    public static string Folder(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Plastic.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the tests do not run inside the repository");
        }
        return Path.Combine(folder.FullName, "tests", name);
    }

    private static string[] Find(string folder) => [.. Directory.GetFiles(Folder(folder), "*.json").Order()];
}
