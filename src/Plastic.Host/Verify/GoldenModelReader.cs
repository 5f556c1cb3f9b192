using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>What every golden batch has: a network, states after the last step, and optimiser steps.</summary>
internal sealed class GoldenModelReader(GoldenChecks checks)
{
    private const string Final = "expected > final", Plastic = "expected > final > plastic";

    /// <summary>The options of a network for batches of a given size.</summary>
    public NetworkOptions Options(GoldenModel model, int batch)
    {
        const int most = GoldenChecks.LargestSize;
        if (!RuleBook.TryFind(model.Rule, out var rule)) throw checks.Fault("model > rule", $"unknown rule {model.Rule}");
        var options = NetworkOptions.Default;
        options.Cell = checks.OneOf("model > cell", model.Cell, ("RNN", Cell.Rnn), ("LSTM", Cell.Lstm));
        options.Rule = rule;
        options.Inputs = checks.Whole("model > inputSize", model.InputSize, 1, most);
        options.Hidden = checks.Whole("model > hiddenSize", model.HiddenSize, 1, most);
        options.Outputs = checks.Whole("model > outputSize", model.OutputSize, 1, most);
        options.Extra = checks.Whole("model > extraOutputs", model.ExtraOutputs, 0, most);
        options.Modulation = model.Modulation;
        options.Alpha = checks.OneOf(
            "model > alphaInit",
            model.AlphaInit,
            ("none", AlphaMode.Fixed),
            ("uniform", AlphaMode.Uniform),
            ("neg_uniform", AlphaMode.NegativeUniform),
            ("random", AlphaMode.Random));
        options.LayerNorm = model.LayerNorm;
        options.InputLayer = model.InputLayer;
        options.FrozenWeights = false;
        options.InnerLoss = InnerLossMean.OverBatch;
        options.Batch = batch;
        return options
            .With("p_lr", model.InnerLearningRate)
            .With("p_wd", model.InnerWeightDecay)
            .With("clip", model.MaxInnerNorm)
            .With("weight_clip", model.WeightClip ?? double.PositiveInfinity);
    }

    /// <summary>The network that options describe.</summary>
    public PlasticNetwork Network(NetworkOptions options, Encoder? encoder = null)
    {
        try
        {
            return new PlasticNetwork(options, encoder);
        }
        catch (OptionsException fault)
        {
            throw checks.Fault("model", string.Join("; ", fault.Faults));
        }
    }

    /// <summary>The weight of each of so many steps: the loss is the mean over those that count.</summary>
    public static double[] StepWeights(int steps, int lossFrom)
    {
        var weights = new double[steps];
        Array.Fill(weights, 1.0 / (steps - lossFrom), lossFrom, steps - lossFrom);
        return weights;
    }

    /// <summary>Each plastic synapse's F after the last step.</summary>
    public Dictionary<string, double[]> FastWeights(PlasticNetwork network, int batch, GoldenFinal final)
    {
        var synapses = network.PlasticSynapses;
        checks.Only(Plastic, final.Plastic, synapses.SelectMany(synapse => new[] { WeightOf(synapse), BiasOf(synapse) }));
        return synapses.ToDictionary(
            synapse => synapse.Name,
            synapse => checks.Values(Plastic, final.Plastic, WeightOf(synapse), batch, synapse.Rows, synapse.Columns));
    }

    /// <summary>Each state after the last step.</summary>
    public Dictionary<string, double[]> States(PlasticNetwork network, int batch, GoldenFinal final)
    {
        var fastBiases = network.PlasticSynapses.ToDictionary(synapse => $"{BiasOf(synapse)}.fast", BiasOf);
        var states = new Dictionary<string, GoldenTensor> { ["h"] = final.H };
        if (final.C is not null) states["c"] = final.C;
        checks.Only(Final, states, network.States.Keys);
        return network.States.ToDictionary(
            state => state.Key,
            state => fastBiases.TryGetValue(state.Key, out var bias)
                ? checks.Values(Plastic, final.Plastic, bias, batch, state.Value)
                : checks.Values(Final, states, state.Key, batch, state.Value));
    }

    public GoldenTraining Training(GoldenSteps training)
    {
        checks.OneOf("training > optimizer", training.Optimizer, ("AdamW", true));
        if (training.Betas is not [>= 0 and < 1, >= 0 and < 1])
        {
            throw checks.Fault("training > betas", "expected two numbers from 0 to below 1");
        }
        if (training.Losses.Length == 0) throw checks.Fault("training > losses", "expected at least one number");
        if (training.GradNorms.Length != training.Losses.Length)
        {
            throw checks.Fault("training > gradNorms", $"expected {training.Losses.Length} numbers, got {training.GradNorms.Length}");
        }
        var optimiser = new AdamWSettings(
            checks.AtLeastZero("training > learningRate", training.LearningRate),
            training.Betas[0],
            training.Betas[1],
            checks.AtLeastZero("training > epsilon", training.Epsilon),
            checks.AtLeastZero("training > weightDecay", training.WeightDecay),
            training.Amsgrad);
        return new GoldenTraining(
            optimiser, checks.AtLeastZero("training > maxGradNorm", training.MaxGradNorm), training.Losses, training.GradNorms);
    }

    private static string WeightOf(Matrix synapse) => $"{synapse.Name}.weight";

    private static string BiasOf(Matrix synapse) => $"{synapse.Name}.bias";
}
