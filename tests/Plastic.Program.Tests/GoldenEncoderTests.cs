using Plastic.Core;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Encoders alone: the reference and the engine agree with the published implementation, in training and then in evaluation.</summary>
public sealed class GoldenEncoderTests
{
    private const double Rounded = 1e-7, Float32 = 5e-5;

    public static TheoryData<string> Files => [.. GoldenImages.Names("conv4"), .. GoldenImages.Names("resnet12")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Features_gradients_and_buffers_of_the_reference_are_the_published_ones(string file) =>
        Check(GoldenImages.Read(file), Rounded, (golden, encoder, drops) =>
        {
            var parameters = golden.Each("parameters", encoder.Parameters);
            var buffers = golden.Buffers("buffers", encoder);
            return (mode, images, cotangents) =>
            {
                var result = EncoderReference.Run(encoder, parameters, buffers, images, 1, mode, drops, _ => cotangents);
                buffers = result.Buffers;
                return result;
            };
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void Features_gradients_and_buffers_of_the_engine_are_the_published_ones(string file)
    {
        using var crew = new Crew(2);
        Check(GoldenImages.Read(file), Float32, (golden, encoder, drops) =>
        {
            var engine = new CpuEncoder(encoder, crew, drops);
            var parameters = Floats(golden.Each("parameters", encoder.Parameters));
            var buffers = Floats(golden.Buffers("buffers", encoder));
            return (mode, images, cotangents) =>
            {
                var features = new float[cotangents.Length];
                var gradients = Array.ConvertAll(parameters, p => new float[p.Length]);
                engine.Forward(parameters, buffers, Floats([images])[0], 1, mode, features);
                engine.Backward(Floats([cotangents])[0], gradients);
                engine.Commit(buffers);
                return new EncoderResult(Doubles([features])[0], Doubles(gradients), Doubles(buffers));
            };
        });
    }

    private delegate EncoderResult Pass(EncoderMode mode, double[] images, double[] cotangents);

    private static void Check(GoldenImages golden, double tolerance, Func<GoldenImages, Encoder, IEncoderDrops, Pass> create)
    {
        var encoder = golden.Encoder();
        var pass = create(golden, encoder, golden.Drops());
        foreach (var (mode, name) in new[] { (EncoderMode.Training, "train"), (EncoderMode.Evaluation, "evaluate") })
        {
            var found = pass(mode, golden.Array("input"), golden.Array("cotangent"));
            GoldenImages.Close("features", golden.Array($"expected/{name}/features"), found.Features, tolerance);
            var gradients = golden.Each($"expected/{name}/gradients", encoder.Parameters);
            for (var k = 0; k < gradients.Length; k++)
            {
                GoldenImages.Close(encoder.Parameters[k].Name, gradients[k], found.Gradients[k], 5 * tolerance);
            }
            for (var k = 0; k < encoder.Buffers.Count; k++)
            {
                if (encoder.Buffers[k].Name == "encoder.passes") continue;
                GoldenImages.Close(
                    encoder.Buffers[k].Name, golden.Array($"expected/{name}/buffersAfter/{encoder.Buffers[k].Name}"), found.Buffers[k], tolerance);
            }
        }
    }

    private static float[][] Floats(double[][] arrays) => Array.ConvertAll(arrays, a => Array.ConvertAll(a, x => (float)x));

    private static double[][] Doubles(float[][] arrays) => Array.ConvertAll(arrays, a => Array.ConvertAll(a, x => (double)x));
}
