using System.Text.Json.Nodes;
using Plastic.Core;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The published implementation's cases of images, in tests/golden-images.</summary>
internal sealed class GoldenImages
{
    private readonly JsonNode root;

    private GoldenImages(string file) => root = JsonNode.Parse(File.ReadAllText(file))!;

    /// <summary>The files whose names start so.</summary>
    public static string[] Names(string start) =>
        [.. Directory.GetFiles(GoldenFiles.Folder("golden-images"), start + "*.json").Select(file => Path.GetFileName(file)!).Order()];

    public static GoldenImages Read(string name) => new(Path.Combine(GoldenFiles.Folder("golden-images"), name));

    /// <summary>The node at a path of keys, separated by slashes.</summary>
    public JsonNode At(string path) => path.Split('/').Aggregate(root, (node, key) => node[key]!);

    public int Whole(string path) => At(path).GetValue<int>();

    public double Number(string path) => At(path).GetValue<double>();

    public double[] Array(string path) => Numbers(At(path)["data"]!);

    public int[] Shape(string path) => [.. At(path)["shape"]!.AsArray().Select(x => x!.GetValue<int>())];

    public static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(x => x!.GetValue<double>())];

    /// <summary>One array for each parameter, from an object of arrays by name.</summary>
    public double[][] Each(string path, IEnumerable<Parameter> parameters) => [.. parameters.Select(p => Numbers(At(path)[p.Name]!["data"]!))];

    /// <summary>The buffers of an encoder, one array for each; of the passes, those made before.</summary>
    public double[][] Buffers(string path, Encoder encoder) =>
    [
        .. encoder.Buffers.Select(b => b.Name == "encoder.passes"
            ? [root["masks"]?["batchesSeen"]?.GetValue<double>() ?? 1]
            : Numbers(At(path)[b.Name]!["data"]!)),
    ];

    /// <summary>The encoder, alone or of a batch of episodes.</summary>
    public Encoder Encoder()
    {
        var options = EncoderOptions.Default;
        options.Kind = At("encoder/kind").GetValue<string>() == "conv4" ? EncoderKind.Conv4 : EncoderKind.ResNet12;
        options.Widths = [.. Numbers(At("encoder/widths")).Select(x => (int)x)];
        options.Side = At("encoder/inputShape")[1]!.GetValue<int>();
        options.Projection = root["model"] is null ? 0 : Whole("model/hiddenSize") - Whole("way");
        options.Drops = root["masks"] is not null;
        return new Encoder(options);
    }

    /// <summary>What the case drops, if it drops anything.</summary>
    public IEncoderDrops Drops() => root["masks"] is { } masks ? new Masks(masks) : new KeyedDrops(0);

    private sealed class Masks(JsonNode masks) : IEncoderDrops
    {
        public void Elements(long pass, int block, int image, double rate, Span<byte> left) =>
            Copy(masks["keep"]![block]!, image, left);

        public void Corners(long pass, int block, int image, double probability, Span<byte> corners)
        {
            Assert.Equal(masks["gammas"]![block - 2]!.GetValue<double>(), probability, 1e-9);
            Copy(masks["seeds"]![block - 2]!, image, corners);
        }

        private static void Copy(JsonNode array, int image, Span<byte> to)
        {
            var data = array["data"]!.AsArray();
            for (var k = 0; k < to.Length; k++) to[k] = (byte)data[image * to.Length + k]!.GetValue<double>();
        }
    }

    /// <summary>The network of a batch of episodes.</summary>
    public PlasticNetwork Network()
    {
        var model = At("model");
        RuleBook.TryFind(model["rule"]!.GetValue<string>(), out var rule);
        var options = NetworkOptions.Default;
        options.Cell = model["cell"]!.GetValue<string>() == "RNN" ? Cell.Rnn : Cell.Lstm;
        options.Rule = rule;
        (options.Inputs, options.Hidden, options.Outputs) = (Whole("model/inputSize"), Whole("model/hiddenSize"), Whole("model/outputSize"));
        (options.Extra, options.Batch) = (Whole("model/extraOutputs"), Whole("batch"));
        options.Modulation = model["modulation"]!.GetValue<bool>();
        options.InputLayer = model["inputLayer"]!.GetValue<bool>();
        options.Loss = Loss.CrossEntropy;
        return new PlasticNetwork(options
            .With("p_lr", Number("model/innerLearningRate"))
            .With("p_wd", Number("model/innerWeightDecay"))
            .With("clip", Number("model/maxInnerNorm")));
    }

    /// <summary>A batch of episodes with a given input [B, T, H]: each query's target is its class, and all queries count alike.</summary>
    public Batch Batch(double[] input)
    {
        int way = Whole("way"), batch = Whole("batch"), steps = Whole("steps"), from = Whole("lossFrom");
        var labels = Array("queryLabels");
        var target = new double[batch * steps * way];
        for (var k = 0; k < labels.Length; k++)
        {
            target[(k / way * steps + from + k % way) * way + (int)labels[k]] = 1;
        }
        var weight = Enumerable.Range(0, steps).Select(t => t < from ? 0 : 1.0 / (steps - from)).ToArray();
        return new Batch(batch, steps, Whole("model/inputSize"), way, input, target, weight);
    }

    /// <summary>Fails unless the numbers differ by at most the tolerance times the largest expected one.</summary>
    public static void Close(string what, double[] expected, double[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        var largest = expected.Max(Math.Abs);
        for (var k = 0; k < expected.Length; k++)
        {
            Assert.True(
                Math.Abs(expected[k] - found[k]) <= tolerance * largest, $"{what}[{k}]: expected {expected[k]:R}, got {found[k]:R}");
        }
    }
}
