using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Few-shot classification by nearest neighbours of the features of a network's own encoder: what the rest of it adds to them.</summary>
internal static class FeatureBaseline
{
    /// <summary>In tables.</summary>
    public const string Name = "nearest features";

    /// <summary>The most episodes that are looked at: an encoder is slow.</summary>
    public const int MostEpisodes = 2048;

    /// <summary>Of the first test episodes of a run, measured as its task measures networks.</summary>
    /// <param name="run">A finished run of a few-shot task.</param>
    /// <param name="network">Its network, which has an encoder.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="crew">The threads.</param>
    public static BaselineResult Of(Run run, PlasticNetwork network, float[][] weights, Crew crew)
    {
        using var executor = new EncodedExecutor(network, crew, new KeyedDrops(run.Seed));
        var source = new BatchSource(run, crew);
        var tests = source.Tests(Math.Clamp(MostEpisodes / run.Settings.Batch, 1, run.Settings.TestBatches));
        var sum = 0.0;
        for (var k = 0; k < tests.Count; k++)
        {
            var encoded = executor.Encode(weights, source.Draw(tests.Part(k, 1))[0], EncoderMode.Evaluation);
            sum += run.Task.Measure.Of(encoded, Nearness(encoded));
        }
        return new BaselineResult(sum / tests.Count, tests.Count * run.Settings.Batch);
    }

    /// <summary>Outputs [B, T, way] that prefer the nearest example: for each label, −|f − s|², where f are the features of a step and s those of the example with that label.</summary>
    private static double[] Nearness(Batch encoded)
    {
        var (way, inputs) = (encoded.Outputs, encoded.Inputs);
        var features = inputs - way;
        var outputs = new double[encoded.Size * encoded.Steps * way];
        for (var sample = 0; sample < encoded.Size; sample++)
        {
            var episode = encoded.Input.AsSpan(sample * encoded.Steps * inputs, encoded.Steps * inputs);
            for (var support = 0; support < way; support++)
            {
                var example = episode.Slice(support * inputs, inputs);
                var label = example[features..].IndexOf(1.0);
                for (var t = way; t < encoded.Steps; t++)
                {
                    var distance = 0.0;
                    for (var k = 0; k < features; k++)
                    {
                        var apart = episode[t * inputs + k] - example[k];
                        distance += apart * apart;
                    }
                    outputs[(sample * encoded.Steps + t) * way + label] = -distance;
                }
            }
        }
        return outputs;
    }
}
