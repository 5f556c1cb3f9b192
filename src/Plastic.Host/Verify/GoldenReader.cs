using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// From a golden file to the network and the numbers that it holds. Nothing in the file is trusted: names, shapes, sizes and ranges
/// are all checked.
/// </summary>
internal sealed class GoldenReader
{
    // Far above any golden case, and low enough that no product of sizes overflows.
    private const int LargestSize = 65_536;

    private readonly string path;
    private readonly GoldenFile file;
    private readonly int batch, steps;
    private readonly PlasticNetwork network;

    private GoldenReader(string path, GoldenFile file)
    {
        this.path = path;
        this.file = file;
        batch = Whole("batch", file.Batch, 1, LargestSize);
        steps = Whole("steps", file.Steps, 1, LargestSize);
        Whole("lossFrom", file.LossFrom, 0, steps - 1);
        network = Network(file.Model);
    }

    /// <exception cref="PlasticException">The file is missing, unreadable, or not a golden case.</exception>
    public static Golden Read(string path) =>
        new GoldenReader(path, JsonFile.Read<GoldenFile>(path, JsonText.CamelCase)).Checked();

    private Golden Checked()
    {
        var (inputs, outputs) = (network.Options.Inputs, network.Options.Outputs);
        var expected = file.Expected;

        // The loss is the mean over the steps that count.
        var weight = new double[steps];
        Array.Fill(weight, 1.0 / (steps - file.LossFrom), file.LossFrom, steps - file.LossFrom);

        return new Golden
        {
            File = path,
            Network = network,
            Parameters = OnePerParameter("parameters", file.Parameters),
            Batch = new Batch(
                batch, steps, inputs, outputs, Values("input", file.Input, batch, steps, inputs),
                Values("target", file.Target, batch, steps, outputs), weight),
            Outputs = new Dictionary<string, double[]>
            {
                ["output"] = Values("expected > output", expected.Output, batch, steps, outputs),
                ["eta"] = Values("expected > eta", expected.Eta, batch, steps),
                ["decay"] = Values("expected > decay", expected.Decay, batch, steps),
                ["innerLoss"] = Values("expected > innerLoss", expected.InnerLoss, steps),
            },
            Loss = expected.Loss,
            Gradients = OnePerParameter("expected > gradients", expected.Gradients),
            FastWeights = FastWeights(expected.Final.Plastic),
            States = States(expected.Final),
            Training = Training(file.Training),
        };
    }

    private PlasticNetwork Network(GoldenModel model)
    {
        if (!RuleBook.TryFind(model.Rule, out var rule)) throw Fault("model > rule", $"unknown rule {model.Rule}");
        var options = NetworkOptions.Default;
        options.Cell = OneOf("model > cell", model.Cell, ("RNN", Cell.Rnn), ("LSTM", Cell.Lstm));
        options.Rule = rule;
        options.Inputs = Whole("model > inputSize", model.InputSize, 1, LargestSize);
        options.Hidden = Whole("model > hiddenSize", model.HiddenSize, 1, LargestSize);
        options.Outputs = Whole("model > outputSize", model.OutputSize, 1, LargestSize);
        options.Extra = Whole("model > extraOutputs", model.ExtraOutputs, 0, LargestSize);
        options.Modulation = model.Modulation;
        options.Alpha = OneOf(
            "model > alphaInit",
            model.AlphaInit,
            ("none", AlphaMode.Fixed),
            ("uniform", AlphaMode.Uniform),
            ("neg_uniform", AlphaMode.NegativeUniform),
            ("random", AlphaMode.Random));
        options.LayerNorm = model.LayerNorm;
        options.FrozenWeights = false;
        options.InnerLoss = InnerLossMean.OverBatch;
        options.Batch = batch;
        options = options
            .With("p_lr", model.InnerLearningRate)
            .With("p_wd", model.InnerWeightDecay)
            .With("clip", model.MaxInnerNorm)
            .With("weight_clip", model.WeightClip ?? double.PositiveInfinity);
        try
        {
            return new PlasticNetwork(options);
        }
        catch (OptionsException fault)
        {
            throw Fault("model", string.Join("; ", fault.Faults));
        }
    }

    private double[][] OnePerParameter(string place, Dictionary<string, GoldenTensor> arrays)
    {
        Only(place, arrays, network.Parameters.Select(parameter => parameter.Name));
        return [.. network.Parameters.Select(parameter => Values(place, arrays, parameter.Name, parameter.Shape))];
    }

    private Dictionary<string, double[]> FastWeights(Dictionary<string, GoldenTensor> plastic)
    {
        var synapses = network.PlasticSynapses;
        Only(PlasticPlace, plastic, synapses.SelectMany(synapse => new[] { WeightOf(synapse), BiasOf(synapse) }));
        return synapses.ToDictionary(
            synapse => synapse.Name,
            synapse => Values(PlasticPlace, plastic, WeightOf(synapse), batch, synapse.Rows, synapse.Columns));
    }

    private Dictionary<string, double[]> States(GoldenFinal final)
    {
        const string place = "expected > final";
        var fastBiases = network.PlasticSynapses.ToDictionary(synapse => $"{BiasOf(synapse)}.fast", BiasOf);
        var states = new Dictionary<string, GoldenTensor> { ["h"] = final.H };
        if (final.C is not null) states["c"] = final.C;
        Only(place, states, network.States.Keys);
        return network.States.ToDictionary(
            state => state.Key,
            state => fastBiases.TryGetValue(state.Key, out var bias)
                ? Values(PlasticPlace, final.Plastic, bias, batch, state.Value)
                : Values(place, states, state.Key, batch, state.Value));
    }

    private GoldenTraining Training(GoldenSteps training)
    {
        OneOf("training > optimizer", training.Optimizer, ("AdamW", true));
        if (training.Betas is not [>= 0 and < 1, >= 0 and < 1])
        {
            throw Fault("training > betas", "expected two numbers from 0 to below 1");
        }
        if (training.Losses.Length == 0) throw Fault("training > losses", "expected at least one number");
        if (training.GradNorms.Length != training.Losses.Length)
        {
            throw Fault("training > gradNorms", $"expected {training.Losses.Length} numbers, got {training.GradNorms.Length}");
        }
        var optimiser = new AdamWSettings(
            AtLeastZero("training > learningRate", training.LearningRate),
            training.Betas[0],
            training.Betas[1],
            AtLeastZero("training > epsilon", training.Epsilon),
            AtLeastZero("training > weightDecay", training.WeightDecay),
            training.Amsgrad);
        return new GoldenTraining(
            optimiser, AtLeastZero("training > maxGradNorm", training.MaxGradNorm), training.Losses, training.GradNorms);
    }

    private const string PlasticPlace = "expected > final > plastic";

    private static string WeightOf(Matrix synapse) => $"{synapse.Name}.weight";

    private static string BiasOf(Matrix synapse) => $"{synapse.Name}.bias";

    /// <summary>The numbers of a named array of a given shape.</summary>
    private double[] Values(string place, Dictionary<string, GoldenTensor> arrays, string name, params int[] shape) =>
        arrays.TryGetValue(name, out var array) ? Values($"{place} > {name}", array, shape) : throw Fault(place, $"{name} is missing");

    /// <summary>The numbers of an array of a given shape.</summary>
    private double[] Values(string place, GoldenTensor array, params int[] shape)
    {
        if (!array.Shape.AsSpan().SequenceEqual(shape))
        {
            throw Fault(place, $"expected shape [{string.Join(", ", shape)}], got [{string.Join(", ", array.Shape)}]");
        }
        var size = shape.Aggregate(1L, (product, length) => product * length);
        return array.Data.Length == size ? array.Data : throw Fault($"{place} > data", $"expected {size} numbers, got {array.Data.Length}");
    }

    /// <summary>Refuses arrays that the network does not have: they could change what the file means.</summary>
    private void Only(string place, Dictionary<string, GoldenTensor> arrays, IEnumerable<string> names)
    {
        if (arrays.Keys.Except(names).FirstOrDefault() is { } unknown) throw Fault(place, $"{unknown} is unknown");
    }

    private int Whole(string place, int value, int low, int high) =>
        value >= low && value <= high ? value : throw Fault(place, $"expected a whole number from {low} to {high}");

    private double AtLeastZero(string place, double value) => value >= 0 ? value : throw Fault(place, "expected a number ≥ 0");

    private T OneOf<T>(string place, string text, params (string Name, T Value)[] choices)
    {
        foreach (var choice in choices)
        {
            if (choice.Name == text) return choice.Value;
        }
        throw Fault(place, $"unknown: {text}; expected {string.Join(", ", choices.Select(choice => choice.Name))}");
    }

    private PlasticException Fault(string place, string what) => JsonFile.Fault(path, place, what);
}
