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

    // The case is the interpreter's: what it shows is that the engine agrees, and that every option is read as it was written.
    [Theory]
    [MemberData(nameof(Networks))]
    public void The_engine_agrees_with_the_interpreter_on_any_network_of_the_schema(string cell, string rule, string option)
    {
        var options = NetworkOptions.Default;
        options.Cell = cell == "RNN" ? Cell.Rnn : Cell.Lstm;
        options.Rule = RuleBook.All.Single(known => known.Name == rule);
        (options.Inputs, options.Hidden, options.Outputs, options.Extra, options.Batch) = (3, 17, 2, 1, 5);
        options = options.With("p_lr", 0.4);
        options.Alpha = option == "alpha none" ? AlphaMode.Fixed : AlphaMode.Random;
        options.LayerNorm = option == "layer norm";
        if (option == "weight clip") options = options.With("weight_clip", 0.01);

        var made = GoldenFiles.Make(options, steps: 5, lossFrom: 1);
        var (code, results, _) = Verify(Write(made.ToJsonString()));
        Assert.True(code == ExitCode.Ok, results);

        // The same file with one option read differently: both executors must notice.
        made["model"]!["innerLearningRate"] = 0.3;
        (code, results, _) = Verify(Write(made.ToJsonString()));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal(2, results.Split("forward: beyond tolerance").Length - 1);
    }

    [Theory]
    [InlineData("forward", "output")]
    [InlineData("forward", "eta")]
    [InlineData("forward", "innerLoss")]
    [InlineData("gradient", "gradients/recurrent.weight.alpha")]
    [InlineData("final", "final/plastic/cell.weight")]
    [InlineData("final", "final/plastic/output.bias")]
    [InlineData("final", "final/h")]
    public void A_wrong_number_is_found_and_named(string quantity, string place)
    {
        var golden = GoldenFiles.Committed("rnn-gradient.json");
        GoldenFiles.Disturb(golden, $"expected/{place}");
        var (code, results, _) = Verify(Write(golden.ToJsonString()));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("FAILED", results);
        Assert.Contains($"{quantity}: beyond tolerance in {place.Split('/')[^1]}", results.Replace(".fast,", ","));
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

    public static TheoryData<string, string, string> Mutations => new()
    {
        { "model/cell", "\"GRU\"", "cell: unknown: GRU" },
        { "model/rule", "\"oja\"", "input.weight.alpha is missing" },
        { "model/rule", "7", "rule: expected a string" },
        { "model/alphaInit", "\"some\"", "alphaInit: unknown: some" },
        { "model/hiddenSize", "-6", "hiddenSize: expected a whole number" },
        { "model/hiddenSize", "6.5", "hiddenSize: expected a whole number" },
        { "model/hiddenSize", "7", "input.weight: expected shape [5, 7], got [5, 6]" },
        { "model/hiddenSize", "2000000000", "hiddenSize: expected a whole number from 1 to 65536" },
        { "model/extraOutputs", "4", "output.weight: expected shape [6, 7], got [6, 6]" },
        { "model/modulation", "\"yes\"", "modulation: expected true or false" },
        { "model/innerLearningRate", "-0.1", "not -0.1" },
        { "model/innerLearningRate", "1e999", "innerLearningRate: expected a finite number" },
        { "model/maxInnerNorm", "0", "not 0" },
        { "model/weightClip", "-1", "not -1" },
        { "model/dropout", "0.5", "dropout is unknown" },
        { "batch", "4", "input: expected shape [4, 7, 5], got [3, 7, 5]" },
        { "batch", "null", "batch: expected a whole number" },
        { "steps", "0", "steps: expected a whole number from 1" },
        { "lossFrom", "7", "lossFrom: expected a whole number from 0 to 6" },
        { "lossFrom", "-1", "lossFrom: expected a whole number from 0" },
        { "parameters", "[]", "parameters: expected an object" },
        { "parameters/input.weight", "null", "input.weight: expected an object" },
        { "parameters/input.weight/shape", "[6, 5]", "expected shape [5, 6], got [6, 5]" },
        { "parameters/input.weight/shape", "[5, 6, 1]", "expected shape [5, 6], got [5, 6, 1]" },
        { "parameters/input.bias/data", "[1, 2, 3]", "data: expected 6 numbers, got 3" },
        { "parameters/input.bias/data", "[1, 2, 3, 4, 5, \"6\"]", "data[5]: expected a finite number" },
        { "parameters/input.bias/data", "[1, 2, 3, 4, 5, 1e400]", "data[5]: expected a finite number" },
        { "parameters/attention.weight", "{\"shape\": [1], \"data\": [1]}", "attention.weight is unknown" },
        { "expected/final/plastic/input.weight", "{\"shape\": [1], \"data\": [1]}", "input.weight is unknown" },
        { "expected/loss", "\"low\"", "loss: expected a finite number" },
        { "training/optimizer", "\"SGD\"", "optimizer: unknown: SGD" },
        { "training/betas", "[0.9]", "betas: expected two numbers" },
        { "training/betas", "[0.9, 1.5]", "betas: expected two numbers from 0 to below 1" },
        { "training/losses", "[]", "losses: expected at least one number" },
        { "training/gradNorms", "[1]", "gradNorms: expected 12 numbers, got 1" },
        { "training/nesterov", "true", "nesterov is unknown" },
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public void What_is_wrong_is_refused_and_named(string place, string value, string because)
    {
        var golden = GoldenFiles.Committed("rnn-none.json");
        var keys = place.Split('/');
        keys[..^1].Aggregate((JsonNode)golden, (node, key) => node[key]!)[keys[^1]] = JsonNode.Parse(value);
        Refused(Write(golden.ToJsonString()), because);
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
    [InlineData("\"batch\":3", "\"batch\":3,\"batch\":3", "Duplicate property 'batch'")]
    [InlineData("\"batch\":3", "\"batch\":NaN", "'N' is an invalid start of a value")]
    [InlineData("\"batch\":3", "\"batch\":-Infinity", "'I' is invalid within a number")]
    [InlineData("\"cell\":\"RNN\"", "\"cell\":\"\\ud800\"", "not valid Unicode")]
    [InlineData("{\"name\"", "[{\"name\"", "cut short or not valid JSON")]
    public void What_is_not_quite_json_is_refused(string good, string bad, string because)
    {
        var text = GoldenFiles.Committed("rnn-none.json").ToJsonString();
        Assert.Contains(good, text);
        Refused(Write(text.Replace(good, bad)), because);
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
