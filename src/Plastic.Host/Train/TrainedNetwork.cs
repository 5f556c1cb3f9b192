using Plastic.Core;

namespace Plastic.Host;

/// <summary>The network of a finished run with its best weights.</summary>
internal static class TrainedNetwork
{
    /// <summary>The weights of the best validation, in the order of the network's parameters.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="network">The run's network.</param>
    /// <exception cref="PlasticException">There is no such file, or it holds another network's weights.</exception>
    public static float[][] BestWeights(string path, PlasticNetwork network)
    {
        var file = Path.Combine(path, RunDirectory.Checkpoints, RunRecorder.BestFile);
        var tensors = Safetensors.Read(file).Tensors.ToDictionary(tensor => tensor.Name);
        PlasticException Fault(string what) => new(ExitCode.BadData, $"{file}: not the weights of this run: {what}");

        if (tensors.Count != network.Parameters.Count) throw Fault($"{tensors.Count} tensors instead of {network.Parameters.Count}");
        return [.. network.Parameters.Select(parameter =>
            !tensors.TryGetValue(parameter.Name, out var tensor) ? throw Fault($"{parameter.Name} is missing")
            : !tensor.Shape.SequenceEqual(parameter.Shape) ? throw Fault(
                $"{parameter.Name} is [{string.Join(", ", tensor.Shape)}] instead of [{string.Join(", ", parameter.Shape)}]")
            : tensor.Data as float[] ?? throw Fault($"{parameter.Name} is not of 32 bit numbers"))];
    }
}
