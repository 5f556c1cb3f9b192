namespace Plastic.Host;

/// <summary>A golden case as its file has it; names are in camelCase there.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Model">The network.</param>
/// <param name="Batch">Samples B.</param>
/// <param name="Steps">Time steps T.</param>
/// <param name="LossFrom">The first step whose loss counts.</param>
/// <param name="Parameters">By name, each of its own shape.</param>
/// <param name="Input">[B, T, inputs].</param>
/// <param name="Target">[B, T, outputs].</param>
/// <param name="Expected">What the published implementation computed.</param>
/// <param name="Training">What it went through when it trained on this batch.</param>
internal sealed record GoldenFile(
    string Name, GoldenModel Model, int Batch, int Steps, int LossFrom, Dictionary<string, GoldenTensor> Parameters,
    GoldenTensor Input, GoldenTensor Target, GoldenExpected Expected, GoldenSteps Training);

/// <summary>An array, row-major.</summary>
internal sealed record GoldenTensor(int[] Shape, double[] Data);

/// <summary>The published implementation's settings of a network.</summary>
/// <param name="Cell">RNN or LSTM.</param>
/// <param name="Rule">Of the published rules.</param>
/// <param name="InputSize">Inputs.</param>
/// <param name="HiddenSize">Hidden units.</param>
/// <param name="OutputSize">Outputs with a target.</param>
/// <param name="ExtraOutputs">Outputs without one.</param>
/// <param name="Modulation">Whether the network modulates its own plasticity.</param>
/// <param name="AlphaInit">none, uniform, neg_uniform or random.</param>
/// <param name="InnerLearningRate">p_lr.</param>
/// <param name="InnerWeightDecay">p_wd.</param>
/// <param name="MaxInnerNorm">The clip of the direction's norm.</param>
/// <param name="LayerNorm">Whether layers are normalised.</param>
/// <param name="WeightClip">The bound of fast weights; null for none.</param>
/// <param name="InputLayer">Whether a layer stands before the cell.</param>
internal sealed record GoldenModel(
    string Cell, string Rule, int InputSize, int HiddenSize, int OutputSize, int ExtraOutputs, bool Modulation, string AlphaInit,
    double InnerLearningRate, double InnerWeightDecay, double MaxInnerNorm, bool LayerNorm = false, double? WeightClip = null,
    bool InputLayer = true);

/// <summary>Results of one batch.</summary>
/// <param name="Output">[B, T, outputs].</param>
/// <param name="Eta">η [B, T].</param>
/// <param name="Decay">λ [B, T].</param>
/// <param name="InnerLoss">[T], the mean over the batch.</param>
/// <param name="Loss">The mean over samples and the steps that count.</param>
/// <param name="Gradients">One per parameter.</param>
/// <param name="Final">After the last step.</param>
internal sealed record GoldenExpected(
    GoldenTensor Output, GoldenTensor Eta, GoldenTensor Decay, GoldenTensor InnerLoss, double Loss,
    Dictionary<string, GoldenTensor> Gradients, GoldenFinal Final);

/// <summary>States after the last step.</summary>
/// <param name="Plastic">Each plastic layer's fast weights, layer.weight [B, n, m] and layer.bias [B, m].</param>
/// <param name="H">The hidden state [B, H].</param>
/// <param name="C">The LSTM's cell state [B, H].</param>
internal sealed record GoldenFinal(Dictionary<string, GoldenTensor> Plastic, GoldenTensor H, GoldenTensor? C = null);

/// <summary>Consecutive optimiser steps on the batch.</summary>
/// <param name="Optimizer">AdamW.</param>
/// <param name="Amsgrad">Whether it keeps the largest second moment.</param>
/// <param name="LearningRate">At least 0.</param>
/// <param name="WeightDecay">At least 0.</param>
/// <param name="Betas">β₁ and β₂, from 0 to below 1.</param>
/// <param name="Epsilon">At least 0.</param>
/// <param name="MaxGradNorm">The bound of the norm of all gradients together.</param>
/// <param name="Losses">Before each update.</param>
/// <param name="GradNorms">Before clipping, one per loss.</param>
/// <param name="BuffersAfter">Running means and variances after all steps; null without an encoder.</param>
internal sealed record GoldenSteps(
    string Optimizer, bool Amsgrad, double LearningRate, double WeightDecay, double[] Betas, double Epsilon, double MaxGradNorm,
    double[] Losses, double[] GradNorms, Dictionary<string, GoldenTensor>? BuffersAfter = null);
