using Plastic.Core;

namespace Plastic.Host;

/// <summary>What can be read of a network during an episode: a layer's fast weights, those of all layers, or its other states.</summary>
/// <param name="Name">In figures and tables.</param>
/// <param name="Parts">The synapses and states that it consists of, one after the other.</param>
/// <param name="IsFast">Whether it is fast weights.</param>
internal sealed record ReadSource(string Name, IReadOnlyList<string> Parts, bool IsFast)
{
    /// <summary>
    /// Of a plastic network: the fast weights F of each plastic layer, with its fast bias f; those of all layers together, where there are
    /// several; and its other states, h (and c), where there are any.
    /// </summary>
    public static IReadOnlyList<ReadSource> Of(PlasticNetwork network)
    {
        ReadSource[] layers = [.. network.PlasticSynapses.Select(layer => new ReadSource(
            $"F {layer.Name}", network.States.ContainsKey(FastBias(layer)) ? [layer.Name, FastBias(layer)] : [layer.Name], true))];
        string[] fast = [.. layers.SelectMany(layer => layer.Parts)];
        string[] states = [.. network.States.Keys.Where(state => !fast.Contains(state))];
        return
        [
            .. layers,
            .. layers.Length > 1 ? [new ReadSource("F", fast, true)] : Array.Empty<ReadSource>(),
            .. states.Length > 0 ? [new ReadSource(string.Join("+", states), states, false)] : Array.Empty<ReadSource>(),
        ];
    }

    /// <summary>The numbers of a part.</summary>
    public static int Length(PlasticNetwork network, string part) => network.PlasticSynapses.FirstOrDefault(layer => layer.Name == part) is { } layer
        ? layer.Rows * layer.Columns
        : network.States[part];

    private static string FastBias(Matrix layer) => $"{layer.Name}.bias.fast";
}
