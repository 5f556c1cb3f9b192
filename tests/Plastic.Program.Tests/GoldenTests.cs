using System.Text.Json.Nodes;
using Plastic.Core;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`plastic verify`: golden cases agree, and what is no golden case is refused in one line.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-golden-");

    public static TheoryData<string> Files => [.. GoldenFiles.All];

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Files))]
    public void Interpreter_and_engine_agree_with_the_published_implementation(string file)
    {
        var (code, results, messages) = Verify(file);
        Assert.True(code == ExitCode.Ok, results);
        Assert.Equal("", messages);
        // Title, two executors, summary.
        Assert.Equal(4, results.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    public static TheoryData<string, string, string> Networks => new()
    {
        { "RNN", "gradient", "odd sizes" },
        { "LSTM", "hebbian", "odd sizes" },
        { "RNN", "hebbian", "alpha none" },
        { "LSTM", "gradient", "alpha none" },
        { "RNN", "gradient", "layer norm" },
        { "LSTM", "none", "layer norm" },
        { "RNN", "gradient", "weight clip" },
        { "LSTM", "hebbian", "weight clip" },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Any_network_of_the_schema_is_verified(string cell, string rule, string option)
    {
        var options = NetworkOptions.Default;
        options.Cell = cell == "RNN" ? Cell.Rnn : Cell.Lstm;
        options.Rule = RuleBook.All.Single(known => known.Name == rule);
        (options.Inputs, options.Hidden, options.Outputs, options.Extra, options.Batch) = (3, 17, 2, 1, 5);
        options = options.With("p_lr", 0.4);
        options.Alpha = option == "alpha none" ? AlphaMode.Fixed : AlphaMode.Random;
        options.LayerNorm = option == "layer norm";
        if (option == "weight clip") options = options.With("weight_clip", 0.01);

        var file = Write(GoldenFiles.Make(options, steps: 5, lossFrom: 1).ToJsonString());
        var (code, results, _) = Verify(file);
        Assert.True(code == ExitCode.Ok, results);
    }

    [Theory]
    [InlineData("output")]
    [InlineData("eta")]
    [InlineData("innerLoss")]
    [InlineData("gradients/recurrent.weight.alpha")]
    [InlineData("final/plastic/cell.weight")]
    [InlineData("final/plastic/output.bias")]
    [InlineData("final/h")]
    public void A_wrong_number_is_found_and_named(string place)
    {
        var golden = GoldenFiles.Committed("rnn-gradient.json");
        var tensor = place.Split('/').Aggregate(golden["expected"]!, (node, key) => node[key]!);
        var largest = tensor["data"]!.AsArray().Max(number => Math.Abs(number!.GetValue<double>()));
        tensor["data"]![1] = tensor["data"]![1]!.GetValue<double>() + 1e-3 * largest;
        var (code, results, _) = Verify(Write(golden.ToJsonString()));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("FAILED", results);
        Assert.Contains($"{place.Split('/')[0]}: beyond tolerance in {place.Split('/')[^1]}", results.Replace(".fast,", ","));
    }

    [Fact]
    public void A_wrong_trajectory_is_found()
    {
        var golden = GoldenFiles.Committed("rnn-none.json");
        golden["training"]!["weightDecay"] = 5.0;
        var (code, results, _) = Verify(Write(golden.ToJsonString()));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("training: beyond tolerance in ", results);
    }

    public static TheoryData<string, string> Mutations => new()
    {
        { "model/cell", "\"GRU\"" },
        { "model/rule", "\"oja\"" },
        { "model/rule", "7" },
        { "model/alphaInit", "\"some\"" },
        { "model/hiddenSize", "-6" },
        { "model/hiddenSize", "6.5" },
        { "model/hiddenSize", "7" },
        { "model/hiddenSize", "2000000000" },
        { "model/extraOutputs", "4" },
        { "model/modulation", "\"yes\"" },
        { "model/innerLearningRate", "-0.1" },
        { "model/innerLearningRate", "1e999" },
        { "model/maxInnerNorm", "0" },
        { "model/weightClip", "-1" },
        { "model/dropout", "0.5" },
        { "batch", "4" },
        { "batch", "null" },
        { "steps", "0" },
        { "lossFrom", "7" },
        { "lossFrom", "-1" },
        { "parameters", "[]" },
        { "parameters/input.weight", "null" },
        { "parameters/input.weight/shape", "[6, 5]" },
        { "parameters/input.weight/shape", "[5, 6, 1]" },
        { "parameters/input.bias/data", "[1, 2, 3]" },
        { "parameters/input.bias/data", "[1, 2, 3, 4, 5, \"6\"]" },
        { "parameters/input.bias/data", "[1, 2, 3, 4, 5, 1e400]" },
        { "parameters/attention.weight", "{\"shape\": [1], \"data\": [1]}" },
        { "expected/final/plastic/input.weight", "{\"shape\": [1], \"data\": [1]}" },
        { "expected/loss", "\"low\"" },
        { "training/optimizer", "\"SGD\"" },
        { "training/betas", "[0.9]" },
        { "training/betas", "[0.9, 1.5]" },
        { "training/losses", "[]" },
        { "training/gradNorms", "[1]" },
        { "training/nesterov", "true" },
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public void What_is_wrong_is_refused_and_named(string place, string value)
    {
        var golden = GoldenFiles.Committed("rnn-none.json");
        var keys = place.Split('/');
        keys[..^1].Aggregate((JsonNode)golden, (node, key) => node[key]!)[keys[^1]] = JsonNode.Parse(value);
        Refused(Write(golden.ToJsonString()), "");
    }

    [Theory]
    [InlineData("model")]
    [InlineData("training")]
    [InlineData("parameters/output.weight")]
    [InlineData("expected/gradients/output.weight")]
    [InlineData("expected/final/h")]
    [InlineData("expected/eta")]
    public void What_is_missing_is_refused_and_named(string place)
    {
        var golden = GoldenFiles.Committed("rnn-none.json");
        var keys = place.Split('/');
        keys[..^1].Aggregate((JsonNode)golden, (node, key) => node[key]!).AsObject().Remove(keys[^1]);
        Refused(Write(golden.ToJsonString()), $"{keys[^1]} is missing");
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        var text = GoldenFiles.Committed("rnn-none.json").ToJsonString();
        for (var length = 0; length < text.Length; length += 997) Refused(Write(text[..length]), "cut short");
    }

    [Theory]
    [InlineData("\"batch\":3", "\"batch\":3,\"batch\":3")]
    [InlineData("\"batch\":3", "\"batch\":NaN")]
    [InlineData("\"batch\":3", "\"batch\":-Infinity")]
    [InlineData("\"cell\":\"RNN\"", "\"cell\":\"\\ud800\"")]
    [InlineData("{\"name\"", "[{\"name\"")]
    public void What_is_not_quite_json_is_refused(string good, string bad)
    {
        var text = GoldenFiles.Committed("rnn-none.json").ToJsonString();
        Assert.Contains(good, text);
        Refused(Write(text.Replace(good, bad)), "");
    }

    [Fact]
    public void A_missing_file_stops_before_anything_is_compared()
    {
        var (code, results, messages) = Verify(GoldenFiles.All[0], Path.Combine(folder.FullName, "absent.json"));
        Assert.Equal(ExitCode.MissingInput, code);
        Assert.Equal("", results);
        Assert.Contains("absent.json: no such file", messages);
    }

    private void Refused(string file, string because)
    {
        var (code, results, messages) = Verify(file);
        Assert.Equal(ExitCode.BadData, code);
        Assert.Equal("", results);
        Assert.Equal(1, messages.Count(letter => letter == '\n'));
        Assert.Contains(file, messages);
        Assert.Contains(because, messages);
    }

    private string Write(string text)
    {
        var file = Path.Combine(folder.FullName, "case.json");
        File.WriteAllText(file, text);
        return file;
    }

    private static (ExitCode Code, string Results, string Messages) Verify(params string[] files)
    {
        using StringWriter results = new(), messages = new();
        var code = Application.Run(["verify", .. files], results, messages);
        return (code, results.ToString(), messages.ToString());
    }
}
