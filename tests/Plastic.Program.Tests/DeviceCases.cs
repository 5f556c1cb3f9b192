using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Program.Tests;

/// <summary>Small networks of every rule and cell for devices, and what two executors find of one.</summary>
/// <param name="Options">The network's.</param>
/// <param name="Steps">Steps of an episode.</param>
/// <param name="Factors">Whether fast weights are held by their factors where they can be.</param>
internal sealed record DeviceCase(NetworkOptions Options, int Steps, bool Factors = true)
{
    /// <summary>Bytes of local memory that every device has for a group.</summary>
    public const int LocalBytes = 48 << 10;

    private static readonly int[] Sizes = [7, 33, 1];
    private static readonly int[] Lengths = [5, 20, 5, 45, 5, 5, 1];
    private static readonly AlphaMode[] Alphas =
        [AlphaMode.Random, AlphaMode.Fixed, AlphaMode.Uniform, AlphaMode.Shared, AlphaMode.NegativeUniform];

    private static readonly (Cell, int)[] Others = [(Cell.SingleLayer, 2), (Cell.TwoLayer, 3), (Cell.Attractor, 4)];

    /// <summary>
    /// Every rule in an RNN, an LSTM and one of the other cells, and prototypes. Sizes, batches, steps, layer norm, clips, ways of α and
    /// losses differ from case to case, so that each value of each meets several rules and cells.
    /// </summary>
    public static IReadOnlyList<(string Name, DeviceCase Case)> All { get; } =
    [
        .. RuleBook.All.SelectMany((rule, r) => new[] { (Cell.Rnn, 0), (Cell.Lstm, 1), Others[r % Others.Length] }
            .Select(cell => ($"{rule.Name} {cell.Item1.Name}", Of(rule, cell.Item1, r, cell.Item2)))),
        ("none prototypes", Of(RuleBook.All.Single(rule => rule.Name == "none"), Cell.Prototypes, 2, 5)),
        .. Factored(),
        .. Wide(),
    ];

    /// <summary>Where fast weights are held by their factors, the same with all of them as matrices.</summary>
    public static IReadOnlyList<(string Name, DeviceCase Case)> Dense { get; } =
    [
        .. All.Where(one => !one.Name.Contains("factored") && !one.Name.Contains("wide") && new EpisodeLayout(one.Case.Network.Program).AllFactored.Any())
            .Select(one => (one.Name + " dense", one.Case with { Factors = false })),
    ];

    /// <summary>One of them.</summary>
    public static DeviceCase Named(string name) => All.Concat(Dense).Single(one => one.Name == name).Case;

    /// <summary>The network.</summary>
    public PlasticNetwork Network => new(Options);

    /// <summary>A batch in numbers of float32, of which the last steps count.</summary>
    public Batch Batch()
    {
        var (size, steps) = (Options.Batch, Steps);
        var numbers = new RandomStream(Philox.key(11, "devices"), 0, 0);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)numbers.Normal())];
        return new Batch(
            size, steps, Network.Inputs, Options.Outputs, Draw(size * steps * Network.Inputs), Draw(size * steps * Options.Outputs),
            [.. Enumerable.Range(0, steps).Select(t => t < steps / 2 ? 0.0 : 0.5)]);
    }

    /// <summary>The parameters in numbers of float32.</summary>
    public double[][] Parameters() =>
        Array.ConvertAll(Network.InitialValues(3), p => Array.ConvertAll(p, x => (double)(float)x));

    /// <summary>All that a run gives, by name.</summary>
    public static IReadOnlyDictionary<string, double[]> Of(PlasticNetwork network, Episode episode)
    {
        var all = new Dictionary<string, double[]> { ["loss of each sample"] = episode.SampleLoss };
        foreach (var (name, values) in episode.Outputs) all[$"output {name}"] = values;
        foreach (var (name, values) in episode.FastWeights) all[$"F of {name}"] = values;
        foreach (var (name, values) in episode.States) all[$"state {name}"] = values;
        foreach (var (parameter, values) in network.Parameters.Zip(episode.Gradients)) all[$"gradient of {parameter.Name}"] = values;
        return all;
    }

    /// <summary>The source of the kernels.</summary>
    public EpisodeSource Source(int localBytes) => new(Network.Program, localBytes, Factors);

    /// <summary>The rules that can be factored, without bounds: in one chunk and in several, each with each cell.</summary>
    private static IEnumerable<(string Name, DeviceCase Case)> Factored()
    {
        var rules = RuleBook.All.Where(rule => rule.Name is "gradient" or "hebbian" or "bohp" or "trace").ToArray();
        Cell[] cells = [Cell.Rnn, Cell.Lstm, Cell.SingleLayer, Cell.TwoLayer, Cell.Attractor];
        for (var k = 0; k < rules.Length * cells.Length; k++)
        {
            var (rule, cell) = (rules[k % rules.Length], cells[k / rules.Length]);
            var options = Of(rule, cell, k % 3, k % 2).Options;
            (options.Hidden, options.Batch) = (k % 3 == 0 ? 33 : 7, k % 2 == 0 ? 5 : 1);
            options = options.With("p_lr", 0.03).With("trace_clip", double.PositiveInfinity).With("weight_clip", double.PositiveInfinity).With("clip", double.PositiveInfinity);
            var steps = new[] { 20, 9, 45, 8 }[(k + k / 4) % 4];
            yield return ($"{rule.Name} {cell.Name} factored {steps}", new DeviceCase(options, steps));
        }
    }

    /// <summary>Vectors about as long as a group has threads, and longer.</summary>
    private static IEnumerable<(string Name, DeviceCase Case)> Wide()
    {
        (string Rule, Cell Cell, int Hidden)[] cases =
            [("gradient", Cell.Rnn, 257), ("hebbian", Cell.Lstm, 130), ("oja", Cell.Rnn, 300), ("retroactive", Cell.Lstm, 65), ("none", Cell.Rnn, 256)];
        foreach (var (rule, cell, hidden) in cases)
        {
            var options = Of(RuleBook.All.Single(found => found.Name == rule), cell, 0, 1).Options;
            (options.Hidden, options.Batch, options.LayerNorm) = (hidden, 2, true);
            options = options.With("p_lr", 0.03).With("clip", double.PositiveInfinity);
            yield return ($"{rule} {cell.Name} wide", new DeviceCase(options, Steps: 3));
        }
    }

    private static DeviceCase Of(Rule rule, Cell cell, int r, int c)
    {
        var options = NetworkOptions.Default;
        (options.Rule, options.Cell) = (rule, cell);
        (options.Inputs, options.Hidden, options.Outputs, options.Extra) = (3, Sizes[(r + c) % 3], 2, 1);
        options.Batch = (r + c) % 2 == 0 ? 5 : 1;
        options.Alpha = Alphas[(r + 2 * c) % 5];
        options.LayerNorm = (cell.IsRnn || cell.IsLstm) && (r / 2 + c) % 2 == 0;
        options.Loss = (r + c) % 4 == 0 ? Loss.CrossEntropy : Loss.MeanSquaredError;
        // Rules that do not clip ignore these. Large rates against small bounds, so that bounds are reached.
        options = options.With("p_lr", 0.5).With("trace_rate", 0.3).With("trace_clip", c == 1 ? 1 : 1e-4);
        options = (r + c) % 2 == 0 ? options.With("weight_clip", 4e-3).With("clip", double.PositiveInfinity) : options.With("clip", 0.02);
        // One α for a layer cannot be combined with a bounded trace.
        if (options.Faults.Count > 0) options.Alpha = AlphaMode.Random;
        return new DeviceCase(options, Lengths[(r + 2 * c) % Lengths.Length]);
    }
}
