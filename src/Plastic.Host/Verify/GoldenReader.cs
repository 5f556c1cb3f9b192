using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// Reads golden files: JSON with `model`, `parameters`, `input`, `target`, `expected` and `training`, every array as
/// {"shape": […], "data": […]}. Nothing in the file is trusted: keys, shapes, sizes and numbers are all checked.
/// </summary>
internal static class GoldenReader
{
    // Far above any golden case, and low enough that no product of sizes overflows.
    private const int LargestSize = 65_536;

    /// <exception cref="PlasticException">The file is missing, unreadable, or no golden case.</exception>
    public static Golden Read(string file) => JsonReading.File(file, root => Read(file, root));

    private static Golden Read(string file, JsonReading root)
    {
        root.Member("name").Text();
        var size = root.Member("batch").Whole(1, LargestSize);
        var steps = root.Member("steps").Whole(1, LargestSize);
        var lossFrom = root.Member("lossFrom").Whole(0, steps - 1);
        var network = Network(root.Member("model"), size);
        var options = network.Options;
        var expected = root.Member("expected");

        // The loss is the mean over the steps that count.
        var weight = new double[steps];
        Array.Fill(weight, 1.0 / (steps - lossFrom), lossFrom, steps - lossFrom);

        var final = expected.Member("final");
        return new Golden
        {
            File = file,
            Network = network,
            Parameters = OnePerParameter(root.Member("parameters"), network),
            Batch = new Batch(
                size,
                steps,
                options.Inputs,
                options.Outputs,
                root.Member("input").Tensor(size, steps, options.Inputs),
                root.Member("target").Tensor(size, steps, options.Outputs),
                weight),
            Outputs = new Dictionary<string, double[]>
            {
                ["output"] = expected.Member("output").Tensor(size, steps, options.Outputs),
                ["eta"] = expected.Member("eta").Tensor(size, steps),
                ["decay"] = expected.Member("decay").Tensor(size, steps),
                ["innerLoss"] = expected.Member("innerLoss").Tensor(steps),
            },
            Loss = expected.Member("loss").Number(),
            Gradients = OnePerParameter(expected.Member("gradients"), network),
            FastWeights = FastWeights(final.Member("plastic"), network, size),
            States = States(final, network, size),
            Training = Training(root.Member("training")),
        };
    }

    private static PlasticNetwork Network(JsonReading model, int batch)
    {
        model.Only(
            "cell", "rule", "inputSize", "hiddenSize", "outputSize", "extraOutputs", "modulation", "alphaInit",
            "innerLearningRate", "innerWeightDecay", "maxInnerNorm", "layerNorm", "weightClip");
        var ruleName = model.Member("rule");
        if (!RuleBook.TryFind(ruleName.Text(), out var rule)) throw ruleName.Fault($"unknown rule {ruleName.Text()}");

        var options = NetworkOptions.Default;
        options.Cell = OneOf(model.Member("cell"), ("RNN", Cell.Rnn), ("LSTM", Cell.Lstm));
        options.Rule = rule;
        options.Inputs = model.Member("inputSize").Whole(1, LargestSize);
        options.Hidden = model.Member("hiddenSize").Whole(1, LargestSize);
        options.Outputs = model.Member("outputSize").Whole(1, LargestSize);
        options.Extra = model.Member("extraOutputs").Whole(0, LargestSize);
        options.Modulation = model.Member("modulation").Flag();
        options.Alpha = OneOf(
            model.Member("alphaInit"),
            ("none", AlphaMode.Fixed),
            ("uniform", AlphaMode.Uniform),
            ("neg_uniform", AlphaMode.NegativeUniform),
            ("random", AlphaMode.Random));
        options.InnerLearningRate = model.Member("innerLearningRate").Number();
        options.InnerWeightDecay = model.Member("innerWeightDecay").Number();
        options.MaxInnerNorm = model.Member("maxInnerNorm").Number();
        options.LayerNorm = model.Member("layerNorm").Flag();
        options.WeightClip = Bound(model.Member("weightClip"));
        options.FrozenWeights = false;
        options.InnerLoss = InnerLossMean.OverBatch;
        options.Batch = batch;
        try
        {
            return new PlasticNetwork(options);
        }
        catch (OptionsException fault)
        {
            throw model.Fault(string.Join("; ", fault.Faults));
        }
    }

    private static double Bound(JsonReading value) => value.IsNull ? double.PositiveInfinity : value.Number();

    private static T OneOf<T>(JsonReading value, params (string Name, T Value)[] choices)
    {
        var text = value.Text();
        foreach (var choice in choices)
        {
            if (choice.Name == text) return choice.Value;
        }
        throw value.Fault($"unknown: {text}; expected {string.Join(", ", choices.Select(choice => choice.Name))}");
    }

    private static double[][] OnePerParameter(JsonReading arrays, PlasticNetwork network)
    {
        arrays.Only(network.Parameters.Select(parameter => parameter.Name));
        return [.. network.Parameters.Select(parameter => arrays.Member(parameter.Name).Tensor(parameter.Shape))];
    }

    private static Dictionary<string, double[]> FastWeights(JsonReading plastic, PlasticNetwork network, int batch)
    {
        var synapses = network.Program.Synapses.Where(synapse => synapse.IsPlastic).ToArray();
        plastic.Only(synapses.SelectMany(synapse => new[] { synapse.Weight(), synapse.Bias() }));
        return synapses.ToDictionary(
            synapse => synapse.Matrix.Name,
            synapse => plastic.Member(synapse.Weight()).Tensor(batch, synapse.Matrix.Rows, synapse.Matrix.Columns));
    }

    private static Dictionary<string, double[]> States(JsonReading final, PlasticNetwork network, int batch)
    {
        var fastBiases = network.Program.Synapses.ToDictionary(
            synapse => $"{synapse.Bias()}.fast", synapse => synapse.Bias());
        return network.Program.States.ToDictionary(
            state => state.Name,
            state => (fastBiases.TryGetValue(state.Name, out var bias)
                    ? final.Member("plastic").Member(bias)
                    : final.Member(state.Name))
                .Tensor(batch, state.Length));
    }

    private static GoldenTraining Training(JsonReading training)
    {
        training.Only(
            "optimizer", "amsgrad", "learningRate", "weightDecay", "betas", "epsilon", "maxGradNorm", "losses",
            "gradNorms");
        OneOf(training.Member("optimizer"), ("AdamW", true));
        var betas = training.Member("betas").Numbers(2);
        if (!betas.All(beta => beta is >= 0 and < 1))
        {
            throw training.Member("betas").Fault("expected numbers from 0 to below 1");
        }
        var losses = training.Member("losses").Numbers();
        if (losses.Length == 0) throw training.Member("losses").Fault("expected at least one number");
        var optimiser = new AdamWSettings(
            AtLeastZero(training.Member("learningRate")),
            betas[0],
            betas[1],
            AtLeastZero(training.Member("epsilon")),
            AtLeastZero(training.Member("weightDecay")),
            training.Member("amsgrad").Flag());
        return new GoldenTraining(
            optimiser,
            AtLeastZero(training.Member("maxGradNorm")),
            losses,
            training.Member("gradNorms").Numbers(losses.Length));
    }

    private static double AtLeastZero(JsonReading value) =>
        value.Number() >= 0 ? value.Number() : throw value.Fault("expected a number ≥ 0");

    private static string Weight(this ProgramSynapse synapse) => $"{synapse.Matrix.Name}.weight";

    private static string Bias(this ProgramSynapse synapse) => $"{synapse.Matrix.Name}.bias";
}
