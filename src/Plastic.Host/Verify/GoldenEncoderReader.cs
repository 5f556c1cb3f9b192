using Plastic.Core;

namespace Plastic.Host;

/// <summary>From a golden file of an encoder alone to the encoder and the numbers that it holds.</summary>
internal sealed class GoldenEncoderReader
{
    private readonly string path;
    private readonly GoldenEncoderFile file;
    private readonly GoldenChecks checks;
    private readonly GoldenEncoderModelReader model;
    private readonly Encoder encoder;
    private readonly int images;

    public GoldenEncoderReader(string path, GoldenEncoderFile file)
    {
        (this.path, this.file) = (path, file);
        checks = new GoldenChecks(path);
        model = new GoldenEncoderModelReader(checks);
        images = checks.Whole("images", file.Images, 1, GoldenChecks.LargestSize);
        encoder = model.Encoder(file.Encoder, projection: 0, drops: file.Masks is not null);
    }

    public GoldenEncoder Read()
    {
        var side = encoder.Options.Side;
        var passes = file.Masks?.BatchesSeen ?? 0;
        return new GoldenEncoder
        {
            File = path,
            Encoder = encoder,
            Parameters = checks.OnePerParameter("parameters", file.Parameters, encoder.Parameters),
            Buffers = model.Buffers("buffers", file.Buffers, encoder, passes),
            Images = checks.Values("input", file.Input, images, 3, side, side),
            Cotangents = checks.Values("cotangent", file.Cotangent, images, encoder.Features),
            Trained = Pass("expected > train", file.Expected.Train, passes + 1),
            Evaluated = Pass("expected > evaluate", file.Expected.Evaluate, passes + 2),
            Drops = file.Masks is { } masks ? Drops(masks) : null,
        };
    }

    private EncoderResult Pass(string place, GoldenPass pass, int passes) => new(
        checks.Values($"{place} > features", pass.Features, images, encoder.Features),
        checks.OnePerParameter($"{place} > gradients", pass.Gradients, encoder.Parameters),
        model.Buffers($"{place} > buffersAfter", pass.BuffersAfter, encoder, passes));

    private GoldenDrops Drops(GoldenMasks masks)
    {
        var square = Encoder.DropSide(encoder.Options.Side);
        if (masks.Gammas.Length != 2) throw checks.Fault("masks > gammas", $"expected 2 numbers, got {masks.Gammas.Length}");
        return new GoldenDrops(
            Two("masks > keep", masks.Keep, block: 0, side => side),
            Two("masks > seeds", masks.Seeds, block: 2, side => side - Math.Min(side, square) + 1),
            masks.Gammas);
    }

    /// <summary>The masks of two blocks, of which each halves the side of what comes in.</summary>
    private byte[][] Two(string place, GoldenTensor[] arrays, int block, Func<int, int> places)
    {
        if (arrays.Length != 2) throw checks.Fault(place, $"expected 2 arrays, got {arrays.Length}");
        return
        [
            .. arrays.Select((array, k) =>
            {
                var side = places(encoder.Options.Side >> (block + k + 1));
                var values = checks.Wholes($"{place}[{k}]", array, 2, images, encoder.Options.Widths[block + k], side, side);
                return Array.ConvertAll(values, value => (byte)value);
            }),
        ];
    }
}
