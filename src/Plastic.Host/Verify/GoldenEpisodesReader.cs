using Plastic.Core;

namespace Plastic.Host;

/// <summary>From a golden file of few-shot episodes to network, encoder and the numbers that it holds.</summary>
internal sealed class GoldenEpisodesReader
{
    private readonly string path;
    private readonly GoldenEpisodesFile file;
    private readonly GoldenChecks checks;
    private readonly GoldenModelReader model;
    private readonly GoldenEncoderModelReader encoders;
    private readonly PlasticNetwork network;
    private readonly Encoder encoder;
    private readonly int batch, way, steps;

    public GoldenEpisodesReader(string path, GoldenEpisodesFile file)
    {
        (this.path, this.file) = (path, file);
        checks = new GoldenChecks(path);
        model = new GoldenModelReader(checks);
        encoders = new GoldenEncoderModelReader(checks);
        batch = checks.Whole("batch", file.Batch, 1, GoldenChecks.LargestSize);
        var options = model.Options(file.Model, batch);
        options.Loss = Loss.CrossEntropy;
        // An episode shows each class once as a support, and asks for each once.
        way = checks.Whole("way", file.Way, options.Outputs, options.Outputs);
        steps = checks.Whole("steps", file.Steps, 2 * way, 2 * way);
        checks.Whole("lossFrom", file.LossFrom, way, way);
        checks.Whole("model > inputSize", options.Inputs, way + 1, GoldenChecks.LargestSize);
        encoder = encoders.Encoder(file.Encoder, projection: options.Inputs - way, drops: false);
        network = model.Network(options, encoder);
    }

    public GoldenNetwork Read()
    {
        var expected = file.Expected;
        checks.Whole("evaluation > episodes", file.Evaluation.Episodes, batch, batch);
        var buffers = Buffers("buffers", file.Buffers);
        var queries = checks.Wholes("queryLabels", file.QueryLabels, way, batch, way);
        return new GoldenNetwork
        {
            File = path,
            Network = network,
            Parameters = [.. OnePerTrained("parameters", file.Parameters), .. buffers],
            Batch = new Batch(
                batch, steps, network.Inputs, way, Input(), Targets(queries), GoldenModelReader.StepWeights(steps, file.LossFrom)),
            Outputs = new Dictionary<string, double[]>
            {
                ["encoded"] = Encoded("input", expected.Input),
                ["output"] = Output("expected", expected.Output),
                ["eta"] = checks.Values("expected > eta", expected.Eta, batch, steps),
                ["decay"] = checks.Values("expected > decay", expected.Decay, batch, steps),
                ["innerLoss"] = checks.Values("expected > innerLoss", expected.InnerLoss, steps),
            },
            Loss = expected.Loss,
            Gradients = OnePerTrained("expected > gradients", expected.Gradients),
            FastWeights = model.FastWeights(network, batch, expected.Final),
            States = model.States(network, batch, expected.Final),
            Training = model.Training(file.Training),
            Episodes = new GoldenEpisodes
            {
                FirstQueries = [.. queries.Where((_, k) => k % way == 0)],
                FirstStep = way,
                Correct = checks.Whole("expected > firstQueryCorrect", expected.FirstQueryCorrect, 0, batch),
                EvaluatedCorrect = checks.Whole("evaluation > firstQueryCorrect", file.Evaluation.FirstQueryCorrect, 0, batch),
                EncodedGradient = Encoded("inputGradient", expected.InputGradient),
                GradientNorm = expected.GradientNorm,
                EvaluatedLoss = file.Evaluation.Loss,
                EvaluatedOutput = Output("evaluation", file.Evaluation.Output),
                Buffers = Buffers("expected > buffersAfter", expected.BuffersAfter),
                TrainedBuffers = Buffers(
                    "training > buffersAfter",
                    file.Training.BuffersAfter ?? throw checks.Fault("training", "buffersAfter is missing")),
            },
        };
    }

    private double[][] Buffers(string place, Dictionary<string, GoldenTensor> arrays) => encoders.Buffers(place, arrays, encoder, passes: 0);

    private double[][] OnePerTrained(string place, Dictionary<string, GoldenTensor> arrays) =>
        checks.OnePerParameter(place, arrays, [.. network.Parameters.Where(p => p.Trained)]);

    private double[] Encoded(string name, GoldenTensor array) =>
        checks.Values($"expected > {name}", array, batch, steps, network.Options.Inputs);

    private double[] Output(string place, GoldenTensor array) => checks.Values($"{place} > output", array, batch, steps, way);

    /// <summary>A step's image, normalised, and its label: one-hot at supports, zero at queries.</summary>
    private double[] Input()
    {
        var side = encoder.Options.Side;
        var size = 3 * side * side;
        var bytes = Bytes(batch, steps, 3, side, side);
        var labels = checks.Wholes("supportLabels", file.SupportLabels, way, batch, way);
        double[] mean = Channels("mean", file.Normalisation.Mean), deviation = Channels("deviation", file.Normalisation.Deviation);
        var input = new double[batch * steps * network.Inputs];
        for (var row = 0; row < batch * steps; row++)
        {
            var to = input.AsSpan(row * network.Inputs, network.Inputs);
            for (var k = 0; k < size; k++)
            {
                var channel = k / (side * side);
                to[k] = (bytes[row * size + k] / 255.0 - mean[channel] / 255) / (deviation[channel] / 255);
            }
            var t = row % steps;
            if (t < way) to[size + labels[row / steps * way + t]] = 1;
        }
        return input;
    }

    /// <summary>One-hot at queries.</summary>
    private double[] Targets(int[] queries)
    {
        var targets = new double[batch * steps * way];
        for (var k = 0; k < queries.Length; k++) targets[(k / way * steps + way + k % way) * way + queries[k]] = 1;
        return targets;
    }

    private double[] Channels(string name, double[] values) => values.Length == 3 && values.All(value => value > 0)
        ? values : throw checks.Fault($"normalisation > {name}", "expected three numbers > 0");

    private byte[] Bytes(params int[] shape)
    {
        if (!file.Images.Shape.AsSpan().SequenceEqual(shape))
        {
            throw checks.Fault("images", $"expected shape [{string.Join(", ", shape)}], got [{string.Join(", ", file.Images.Shape)}]");
        }
        var size = shape.Aggregate(1L, (product, length) => product * length);
        try
        {
            var bytes = Convert.FromBase64String(file.Images.Base64);
            return bytes.Length == size ? bytes : throw checks.Fault("images > base64", $"expected {size} bytes, got {bytes.Length}");
        }
        catch (FormatException)
        {
            throw checks.Fault("images > base64", "not base64");
        }
    }
}
