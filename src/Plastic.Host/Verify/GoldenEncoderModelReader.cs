using Plastic.Core;

namespace Plastic.Host;

/// <summary>The encoder of a golden file and its buffers.</summary>
internal sealed class GoldenEncoderModelReader(GoldenChecks checks)
{
    // Keeps products of widths and sides in range.
    private const int Widest = 1024, LargestSide = 512;
    private const string Passes = "encoder.passes";

    /// <param name="model">As the file has it.</param>
    /// <param name="projection">Values of the linear layer behind the blocks; 0 for none.</param>
    /// <param name="drops">Whether training drops values.</param>
    public Encoder Encoder(GoldenEncoderModel model, int projection, bool drops)
    {
        var options = EncoderOptions.Default;
        options.Kind = checks.OneOf("encoder > kind", model.Kind, [.. EncoderKind.All.Select(kind => (kind.Name, kind))]);
        if (model.Widths.Length != 4) throw checks.Fault("encoder > widths", $"expected 4 numbers, got {model.Widths.Length}");
        options.Widths = Array.ConvertAll(model.Widths, width => checks.Whole("encoder > widths", width, 1, Widest));
        if (model.InputShape is not [3, var side, var width] || side != width)
        {
            throw checks.Fault("encoder > inputShape", "expected 3, side, side");
        }
        options.Side = checks.Whole("encoder > inputShape", side, 16, LargestSide);
        (options.Projection, options.Drops) = (projection, drops);
        var encoder = new Encoder(options);
        Equal("batchNorm > epsilon", model.BatchNorm.Epsilon, Core.Encoder.Epsilon);
        Equal("batchNorm > momentum", model.BatchNorm.Momentum, Core.Encoder.Momentum);
        Equal("slope", model.Slope, encoder.Slope);
        Equal("dropRate", model.DropRate ?? 0, drops ? Core.Encoder.DropRate : 0);
        Equal("dropBlock", model.DropBlock ?? 0, drops ? Core.Encoder.DropSide(side) : 0);
        return encoder;
    }

    /// <summary>An encoder's buffers; of the passes, which no file names among them, those made before.</summary>
    public double[][] Buffers(string place, Dictionary<string, GoldenTensor> arrays, Encoder encoder, int passes)
    {
        checks.Only(place, arrays, encoder.Buffers.Select(b => b.Name).Except([Passes]));
        return [.. encoder.Buffers.Select(b => b.Name == Passes ? [passes] : checks.Values(place, arrays, b.Name, b.Size))];
    }

    private void Equal(string place, double found, double expected)
    {
        if (found != expected) throw checks.Fault($"encoder > {place}", FormattableString.Invariant($"expected {expected}, got {found}"));
    }
}
