namespace Plastic.Host;

/// <summary>A golden batch of few-shot episodes: an encoder, and a network behind it.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Model">The network.</param>
/// <param name="Encoder">The encoder.</param>
/// <param name="Way">Classes of an episode; each has one support and one query.</param>
/// <param name="Batch">Episodes B.</param>
/// <param name="Steps">Time steps T.</param>
/// <param name="LossFrom">The first step whose loss counts: that of the first query.</param>
/// <param name="Normalisation">Of bytes.</param>
/// <param name="Parameters">By name, of network, projection and encoder.</param>
/// <param name="Buffers">Running means and variances, by name, before anything is run.</param>
/// <param name="Images">[B, T, 3, side, side].</param>
/// <param name="SupportLabels">[B, way].</param>
/// <param name="QueryLabels">[B, way].</param>
/// <param name="Expected">What the published implementation computed in training.</param>
/// <param name="Evaluation">What it then computed in evaluation.</param>
/// <param name="Training">What it went through when it then trained on this batch.</param>
internal sealed record GoldenEpisodesFile(
    string Name, GoldenModel Model, GoldenEncoderModel Encoder, int Way, int Batch, int Steps, int LossFrom,
    GoldenNormalisation Normalisation, Dictionary<string, GoldenTensor> Parameters, Dictionary<string, GoldenTensor> Buffers,
    GoldenBytes Images, GoldenTensor SupportLabels, GoldenTensor QueryLabels, GoldenEpisodesExpected Expected,
    GoldenEvaluation Evaluation, GoldenSteps Training);

/// <summary>x = (byte/255 − mean/255)/(deviation/255), channel by channel.</summary>
internal sealed record GoldenNormalisation(double[] Mean, double[] Deviation);

/// <summary>An array of bytes, row-major.</summary>
internal sealed record GoldenBytes(int[] Shape, string Base64);

/// <summary>Results of one batch in training.</summary>
/// <param name="Loss">The mean over episodes and queries.</param>
/// <param name="Input">What the network reads, [B, T, H].</param>
/// <param name="InputGradient">The gradient with respect to it.</param>
/// <param name="Output">[B, T, way].</param>
/// <param name="Eta">η [B, T].</param>
/// <param name="Decay">λ [B, T].</param>
/// <param name="InnerLoss">[T], the mean over the batch.</param>
/// <param name="FirstQueryCorrect">In how many episodes the first query is classified correctly.</param>
/// <param name="Gradients">One per parameter.</param>
/// <param name="GradientNorm">Of all gradients together.</param>
/// <param name="BuffersAfter">Running means and variances.</param>
/// <param name="Final">After the last step.</param>
internal sealed record GoldenEpisodesExpected(
    double Loss, GoldenTensor Input, GoldenTensor InputGradient, GoldenTensor Output, GoldenTensor Eta, GoldenTensor Decay,
    GoldenTensor InnerLoss, int FirstQueryCorrect, Dictionary<string, GoldenTensor> Gradients, double GradientNorm,
    Dictionary<string, GoldenTensor> BuffersAfter, GoldenFinal Final);

/// <summary>Results of the batch in evaluation.</summary>
/// <param name="Loss">The mean over episodes and queries.</param>
/// <param name="Output">[B, T, way].</param>
/// <param name="FirstQueryCorrect">In how many episodes the first query is classified correctly.</param>
/// <param name="Episodes">Of how many.</param>
internal sealed record GoldenEvaluation(double Loss, GoldenTensor Output, int FirstQueryCorrect, int Episodes);
