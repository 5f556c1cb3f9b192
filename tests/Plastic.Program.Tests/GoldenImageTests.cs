using System.Text.Json.Nodes;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`plastic verify` of image encoders alone and of few-shot episodes behind them.</summary>
public sealed class GoldenImageTests : IDisposable
{
    private const string Encoder = "conv4-odd.json", Dropped = "resnet12-dropped.json", Episodes = "fewshot-lstm-gradient.json";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-golden-");

    public static TheoryData<string> Files => [.. GoldenFiles.Images];

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Files))]
    public void Reference_and_engine_agree_with_the_published_implementation(string file)
    {
        var (code, results, messages) = Verify(file);
        Assert.True(code == ExitCode.Ok, results);
        Assert.Equal("", messages);
        Assert.All(results.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    public static TheoryData<string, string, string, string> Numbers => new()
    {
        { Encoder, "forward", "features", "expected/train/features" },
        { Encoder, "gradient", "encoder.block2.conv.weight", "expected/train/gradients/encoder.block2.conv.weight" },
        { Encoder, "final", "encoder.block3.norm.variance", "expected/train/buffersAfter/encoder.block3.norm.variance" },
        { Encoder, "evaluate", "features", "expected/evaluate/features" },
        { Encoder, "evaluate", "encoder.block1.norm.bias", "expected/evaluate/gradients/encoder.block1.norm.bias" },
        { Encoder, "evaluate", "encoder.block1.norm.mean", "expected/evaluate/buffersAfter/encoder.block1.norm.mean" },
        { Dropped, "forward", "drop probabilities", "masks/gammas" },
        { Dropped, "forward", "drop probabilities", "masks/batchesSeen" },
        { Dropped, "gradient", "encoder.block1.shortcut.conv.weight", "expected/train/gradients/encoder.block1.shortcut.conv.weight" },
        { Episodes, "forward", "encoded", "expected/input" },
        { Episodes, "forward", "output", "expected/output" },
        { Episodes, "forward", "innerLoss", "expected/innerLoss" },
        { Episodes, "forward", "first queries correct", "expected/firstQueryCorrect" },
        { Episodes, "gradient", "encoded", "expected/inputGradient" },
        { Episodes, "gradient", "recurrent.weight.alpha", "expected/gradients/recurrent.weight.alpha" },
        { Episodes, "gradient", "projection.weight", "expected/gradients/projection.weight" },
        { Episodes, "gradient", "encoder.block1.conv.weight", "expected/gradients/encoder.block1.conv.weight" },
        { Episodes, "gradient", "norm", "expected/gradientNorm" },
        { Episodes, "final", "cell.weight", "expected/final/plastic/cell.weight" },
        { Episodes, "final", "c", "expected/final/c" },
        { Episodes, "final", "encoder.block4.norm.mean", "expected/buffersAfter/encoder.block4.norm.mean" },
        { Episodes, "evaluate", "loss", "evaluation/loss" },
        { Episodes, "evaluate", "output", "evaluation/output" },
        { Episodes, "evaluate", "first queries correct", "evaluation/firstQueryCorrect" },
        { Episodes, "training", "losses", "training/losses" },
        { Episodes, "training", "gradient norms", "training/gradNorms" },
        { Episodes, "training", "encoder.block2.norm.variance", "training/buffersAfter/encoder.block2.norm.variance" },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_wrong_number_is_found_by_both_and_named(string file, string quantity, string name, string place)
    {
        var golden = GoldenFiles.Committed(file);
        if (place == "masks/batchesSeen")
        {
            golden["masks"]!["batchesSeen"] = 31_000;
        }
        else
        {
            GoldenFiles.Disturb(golden, place);
        }
        var (code, results, _) = Verify(Write(golden));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal(2, results.Split($"{quantity}: beyond tolerance in {name}").Length - 1);
    }

    [Theory]
    [InlineData("training/weightDecay", "0.5")]
    [InlineData("training/learningRate", "0.004")]
    public void A_wrong_trajectory_is_found(string place, string value)
    {
        var golden = GoldenFiles.Committed(Episodes);
        Set(golden, place, value);
        var (code, results, _) = Verify(Write(golden));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("training: beyond tolerance in ", results);
    }

    public static TheoryData<string, string, string, string> Mutations => new()
    {
        { Encoder, "encoder/kind", "\"vgg\"", "encoder > kind: unknown: vgg; expected conv4, resnet12" },
        { Encoder, "encoder/kind", "\"resnet12\"", "encoder > slope: expected 0.1, got 0" },
        { Encoder, "encoder/widths", "[4, 4, 4]", "widths: expected 4 numbers, got 3" },
        { Encoder, "encoder/widths", "[4, 4, 4, 0]", "widths: expected a whole number from 1 to 1024" },
        { Encoder, "encoder/widths", "[4, 4, 4, 2000000000]", "widths: expected a whole number from 1 to 1024" },
        { Encoder, "encoder/widths", "[4, 4, 4, 4]", "encoder.block4.conv.weight: expected shape [4, 4, 3, 3], got [3, 4, 3, 3]" },
        { Encoder, "encoder/inputShape", "[1, 21, 21]", "inputShape: expected 3, side, side" },
        { Encoder, "encoder/inputShape", "[3, 21, 20]", "inputShape: expected 3, side, side" },
        { Encoder, "encoder/inputShape", "[3, 8, 8]", "inputShape: expected a whole number from 16" },
        { Encoder, "encoder/inputShape", "[3, 22, 22]", "input: expected shape" },
        { Encoder, "encoder/batchNorm/epsilon", "0.001", "epsilon: expected 1E-05, got 0.001" },
        { Encoder, "encoder/batchNorm/momentum", "0.2", "momentum: expected 0.1, got 0.2" },
        { Encoder, "encoder/dropRate", "0.1", "dropRate: expected 0, got 0.1" },
        { Encoder, "encoder/stride", "2", "stride is unknown" },
        { Encoder, "images", "0", "images: expected a whole number from 1" },
        { Encoder, "cotangent/shape", "[1]", "cotangent: expected shape" },
        { Encoder, "buffers/encoder.block1.norm.mean", "{\"shape\": [1], \"data\": [1]}", "mean: expected shape [4], got [1]" },
        { Encoder, "buffers/encoder.passes", "{\"shape\": [1], \"data\": [1]}", "encoder.passes is unknown" },
        { Encoder, "expected/train/loss", "1", "loss is unknown" },
        { Dropped, "masks", "null", "dropRate: expected 0, got 0.1" },
        { Dropped, "encoder/dropBlock", "5", "dropBlock: expected 2, got 5" },
        { Dropped, "masks/keep", "[]", "masks > keep: expected 2 arrays, got 0" },
        { Dropped, "masks/keep", "[1, 2]", "masks > keep[0]: expected an object" },
        { Dropped, "masks/gammas", "[0.1]", "masks > gammas: expected 2 numbers, got 1" },
        { Dropped, "masks/batchesSeen", "-1", "batchesSeen: expected a whole number" },
        { Episodes, "way", "4", "way: expected a whole number from 5 to 5" },
        { Episodes, "steps", "9", "steps: expected a whole number from 10 to 10" },
        { Episodes, "lossFrom", "4", "lossFrom: expected a whole number from 5 to 5" },
        { Episodes, "model/inputSize", "5", "inputSize: expected a whole number from 6" },
        { Episodes, "model/inputSize", "10", "cell.weight: expected shape [10, 36], got [9, 36]" },
        { Episodes, "model/inputLayer", "true", "input.weight is missing" },
        { Episodes, "batch", "3", "episodes: expected a whole number from 3 to 3" },
        { Episodes, "normalisation/deviation", "[1, 0, 1]", "deviation: expected three numbers > 0" },
        { Episodes, "normalisation/mean", "[1, 1]", "mean: expected three numbers > 0" },
        { Episodes, "images/shape", "[4, 10, 3, 16, 17]", "images: expected shape [4, 10, 3, 16, 16], got [4, 10, 3, 16, 17]" },
        { Episodes, "images/base64", "\"AAAA\"", "base64: expected 30720 bytes, got 3" },
        { Episodes, "images/base64", "\"?\"", "base64: not base64" },
        { Episodes, "queryLabels/data/3", "5", "queryLabels > data: expected whole numbers from 0 to 4" },
        { Episodes, "supportLabels/data/3", "0.5", "supportLabels > data: expected whole numbers from 0 to 4" },
        { Episodes, "expected/firstQueryCorrect", "5", "firstQueryCorrect: expected a whole number from 0 to 4" },
        { Episodes, "evaluation/episodes", "5", "episodes: expected a whole number from 4 to 4" },
        { Episodes, "training/buffersAfter", "null", "training: buffersAfter is missing" },
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public void What_is_wrong_is_refused_and_named(string file, string place, string value, string because)
    {
        var golden = GoldenFiles.Committed(file);
        Set(golden, place, value);
        var (code, results, messages) = Verify(Write(golden));
        Assert.Equal(ExitCode.BadData, code);
        Assert.Equal("", results);
        Assert.Equal(1, messages.Count(letter => letter == '\n'));
        Assert.Contains(because, messages);
    }

    private static void Set(JsonObject golden, string place, string value)
    {
        var keys = place.Split('/');
        var parent = keys[..^1].Aggregate((JsonNode)golden, (node, key) => node[key]!);
        if (parent is JsonArray array)
        {
            array[int.Parse(keys[^1])] = JsonNode.Parse(value);
        }
        else
        {
            parent[keys[^1]] = JsonNode.Parse(value);
        }
    }

    private string Write(JsonObject golden)
    {
        var file = Path.Combine(folder.FullName, "case.json");
        File.WriteAllText(file, golden.ToJsonString());
        return file;
    }

    private static (ExitCode Code, string Results, string Messages) Verify(string file)
    {
        using StringWriter results = new(), messages = new();
        var code = Application.Run(["verify", file], results, messages);
        return (code, results.ToString(), messages.ToString());
    }
}
