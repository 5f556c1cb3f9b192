using Plastic.Core;

namespace Plastic.Host;

/// <summary>The network of a finished run with its best weights.</summary>
internal static class TrainedNetwork
{
    /// <summary>The key of the SHA-256 of the numbers in the file's metadata.</summary>
    public const string HashKey = "sha256";

    /// <summary>The weights of the best validation, in the order of the network's parameters.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="network">The run's network.</param>
    /// <exception cref="PlasticException">There is no such file, it is damaged, or it holds another network's weights.</exception>
    public static float[][] BestWeights(string path, PlasticNetwork network)
    {
        var file = Path.Combine(path, RunDirectory.Checkpoints, RunRecorder.BestFile);
        var content = Safetensors.Read(file);
        var tensors = content.Tensors.ToDictionary(tensor => tensor.Name);
        PlasticException Fault(string what) => new(ExitCode.BadData, $"{file}: not the weights of this run: {what}");

        // Files of other programs have no hash.
        if (content.Metadata.TryGetValue(HashKey, out var hash) && hash != Safetensors.Hash(content.Tensors))
        {
            throw new PlasticException(ExitCode.BadData, $"{file}: damaged: its numbers have the wrong SHA-256");
        }
        if (tensors.Count != network.Parameters.Count) throw Fault($"{tensors.Count} tensors instead of {network.Parameters.Count}");
        return [.. network.Parameters.Select(parameter =>
            !tensors.TryGetValue(parameter.Name, out var tensor) ? throw Fault($"{parameter.Name} is missing")
            : !tensor.Shape.SequenceEqual(parameter.Shape) ? throw Fault(
                $"{parameter.Name} is [{string.Join(", ", tensor.Shape)}] instead of [{string.Join(", ", parameter.Shape)}]")
            : tensor.Data as float[] ?? throw Fault($"{parameter.Name} does not hold 32-bit numbers"))];
    }
}
