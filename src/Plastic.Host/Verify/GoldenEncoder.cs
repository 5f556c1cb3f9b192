using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>An image encoder alone: a pass in training, and then one in evaluation from the buffers that it left, each with its adjoint.</summary>
internal sealed class GoldenEncoder : Golden
{
    public required Encoder Encoder { get; init; }

    public required double[][] Parameters { get; init; }

    public required double[][] Buffers { get; init; }

    /// <summary>[images, 3, side, side].</summary>
    public required double[] Images { get; init; }

    /// <summary>Of the features.</summary>
    public required double[] Cotangents { get; init; }

    /// <summary>Features, gradients and buffers of each pass.</summary>
    public required EncoderResult Trained { get; init; }

    public required EncoderResult Evaluated { get; init; }

    /// <summary>What the case dropped; null if nothing.</summary>
    public GoldenDrops? Drops { get; init; }

    public override Tolerance Rounding => Tolerance.NineDigits;

    private IEncoderDrops Dropping => Drops is null ? new KeyedDrops(0) : Drops;

    public override IEnumerable<Compared> Reference() => Compare((buffers, mode) =>
        EncoderReference.Run(Encoder, Parameters, buffers, Images, 1, mode, Dropping, _ => Cotangents));

    public override IEnumerable<Compared> Engine(int threads)
    {
        using var crew = new Crew(threads);
        using var engine = new CpuEncoder(Encoder, crew, Dropping);
        var parameters = Array.ConvertAll(Parameters, Narrow);
        return
        [
            .. Compare((start, mode) =>
            {
                var buffers = Array.ConvertAll(start, Narrow);
                var features = new float[Cotangents.Length];
                var gradients = Array.ConvertAll(parameters, p => new float[p.Length]);
                engine.Forward(parameters, buffers, Narrow(Images), 1, mode, features);
                engine.Backward(Narrow(Cotangents), gradients);
                engine.Commit(buffers);
                return new EncoderResult(Widen(features), Array.ConvertAll(gradients, Widen), Array.ConvertAll(buffers, Widen));
            }),
        ];

        static float[] Narrow(double[] values) => Array.ConvertAll(values, x => (float)x);

        static double[] Widen(float[] values) => Array.ConvertAll(values, x => (double)x);
    }

    private IEnumerable<Compared> Compare(Func<double[][], EncoderMode, EncoderResult> pass)
    {
        var trained = pass(Buffers, EncoderMode.Training);
        foreach (var compared in Of(trained, Trained, Quantity.Forward, Quantity.Gradient, Quantity.Final)) yield return compared;
        if (Drops is not null) yield return new(Quantity.Forward, "drop probabilities", Drops.Asked, Drops.Probabilities);
        var evaluated = pass(trained.Buffers, EncoderMode.Evaluation);
        foreach (var compared in Of(evaluated, Evaluated, Quantity.Evaluate, Quantity.Evaluate, Quantity.Evaluate)) yield return compared;
    }

    private IEnumerable<Compared> Of(EncoderResult actual, EncoderResult expected, Quantity features, Quantity gradients, Quantity buffers) =>
    [
        new(features, "features", actual.Features, expected.Features),
        .. Encoder.Parameters.Select((p, k) => new Compared(gradients, p.Name, actual.Gradients[k], expected.Gradients[k])),
        .. Encoder.Buffers.Select((b, k) => new Compared(buffers, b.Name, actual.Buffers[k], expected.Buffers[k])),
    ];
}

/// <summary>What a golden case dropped, and the probabilities that an encoder asks for instead of those that the case was drawn with.</summary>
/// <param name="keep">1 for each value that is left, by block and image.</param>
/// <param name="corners">1 for each corner of a square, by block and image; blocks are counted on from those of <paramref name="keep"/>.</param>
/// <param name="probabilities">Of the corners' blocks.</param>
internal sealed class GoldenDrops(byte[][] keep, byte[][] corners, double[] probabilities) : IEncoderDrops
{
    public double[] Probabilities => probabilities;

    /// <summary>As last asked for.</summary>
    public double[] Asked { get; } = new double[corners.Length];

    public void Elements(long pass, int block, int image, double rate, Span<byte> left) => keep[block].AsSpan(image * left.Length, left.Length).CopyTo(left);

    public void Corners(long pass, int block, int image, double probability, Span<byte> corner)
    {
        Asked[block - keep.Length] = probability;
        corners[block - keep.Length].AsSpan(image * corner.Length, corner.Length).CopyTo(corner);
    }
}
