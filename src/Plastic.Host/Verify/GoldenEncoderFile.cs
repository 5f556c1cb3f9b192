namespace Plastic.Host;

/// <summary>A golden case of an image encoder alone.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Encoder">The encoder.</param>
/// <param name="Parameters">By name.</param>
/// <param name="Buffers">Running means and variances, by name, before anything is run.</param>
/// <param name="Images">How many.</param>
/// <param name="Input">[images, 3, side, side], normalised.</param>
/// <param name="Cotangent">Of the features.</param>
/// <param name="Expected">What the published implementation computed.</param>
/// <param name="Masks">What was dropped, if anything was.</param>
internal sealed record GoldenEncoderFile(
    string Name, GoldenEncoderModel Encoder, Dictionary<string, GoldenTensor> Parameters, Dictionary<string, GoldenTensor> Buffers,
    int Images, GoldenTensor Input, GoldenTensor Cotangent, GoldenEncoderExpected Expected, GoldenMasks? Masks = null);

/// <summary>An image encoder.</summary>
/// <param name="Kind">conv4 or resnet12.</param>
/// <param name="Widths">Of the four blocks.</param>
/// <param name="InputShape">[3, side, side].</param>
/// <param name="BatchNorm">Of all norms.</param>
/// <param name="Slope">Of activations below zero.</param>
/// <param name="DropRate">The probability of dropping a value behind the first two blocks, if any is dropped.</param>
/// <param name="DropBlock">The side of the squares dropped behind the others.</param>
internal sealed record GoldenEncoderModel(
    string Kind, int[] Widths, int[] InputShape, GoldenBatchNorm BatchNorm, double Slope, double? DropRate = null, int? DropBlock = null);

/// <summary>Constants of batch norms.</summary>
internal sealed record GoldenBatchNorm(double Epsilon, double Momentum);

/// <summary>One pass in training, and then one in evaluation from the buffers that it left.</summary>
internal sealed record GoldenEncoderExpected(GoldenPass Train, GoldenPass Evaluate);

/// <summary>A pass of an encoder.</summary>
/// <param name="Features">[images, features].</param>
/// <param name="Gradients">Of Σ cotangent·features, one per parameter.</param>
/// <param name="BuffersAfter">Running means and variances.</param>
internal sealed record GoldenPass(
    GoldenTensor Features, Dictionary<string, GoldenTensor> Gradients, Dictionary<string, GoldenTensor> BuffersAfter);

/// <summary>What training dropped.</summary>
/// <param name="Keep">Of blocks 1 and 2: 1 where a value is left.</param>
/// <param name="Seeds">Of blocks 3 and 4: 1 where a dropped square has its upper left corner.</param>
/// <param name="Gammas">The probabilities that these were drawn with.</param>
/// <param name="BatchesSeen">The passes made before.</param>
internal sealed record GoldenMasks(GoldenTensor[] Keep, GoldenTensor[] Seeds, double[] Gammas, int BatchesSeen);
