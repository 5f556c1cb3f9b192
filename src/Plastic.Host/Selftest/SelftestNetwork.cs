using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>A network that a self-test runs on a batch of noise.</summary>
/// <param name="Cell">Its cell.</param>
/// <param name="Rule">Its rule's name.</param>
/// <param name="Hidden">Hidden units.</param>
/// <param name="Steps">Steps of an episode.</param>
/// <param name="Batch">Episodes of a batch.</param>
internal sealed record SelftestNetwork(Cell Cell, string Rule, int Hidden, int Steps, int Batch)
{
    private const int Inputs = 16;

    /// <summary>The network.</summary>
    public PlasticNetwork Network { get; } = Made(Cell, Rule, Hidden, Batch);

    /// <summary>Inputs and targets ~ U[0, 1); each step counts 1/T in the loss.</summary>
    public Batch Noise()
    {
        var (steps, size) = (Steps, Batch);
        var stream = new RandomStream(Philox.key(0, "selftest"), 0, 0);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => stream.Uniform())];
        return new Batch(
            size, steps, Inputs, 1, Draw(size * steps * Inputs), Draw(size * steps), [.. Enumerable.Repeat(1.0 / steps, steps)]);
    }

    /// <summary>The hash of all that a device computes: losses, outputs, gradients, last states and fast weights.</summary>
    /// <exception cref="DeviceException">The device fails.</exception>
    public string Bits(IDevice device)
    {
        using var executor = new GpuExecutor(Network.Program, device);
        var episode = executor.Run(Network.InitialValues(0), Noise(), wantGradient: true);
        var bits = new BitsHash();
        bits.Add(episode.SampleLoss);
        foreach (var values in new[] { episode.Outputs, episode.FastWeights, episode.States })
        {
            foreach (var (name, numbers) in values.OrderBy(one => one.Key, StringComparer.Ordinal))
            {
                bits.Add(name);
                bits.Add(numbers);
            }
        }
        foreach (var gradient in episode.Gradients) bits.Add(gradient);
        return bits.Text;
    }

    private static PlasticNetwork Made(Cell cell, string name, int hidden, int batch)
    {
        var options = NetworkOptions.Default;
        (options.Cell, options.Rule) = (cell, RuleBook.All.Single(rule => rule.Name == name));
        (options.Inputs, options.Hidden, options.Outputs, options.Batch) = (Inputs, hidden, 1, batch);
        return new PlasticNetwork(options);
    }
}
