using Plastic.Core;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Networks without an input layer, behind an encoder: both executors agree with the published implementation.</summary>
public sealed class GoldenEpisodeTests
{
    private const double Rounded = 1e-7, Float32 = 2e-5;

    public static TheoryData<string> Files => [.. GoldenImages.Names("fewshot")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Outputs_and_gradients_with_respect_to_parameters_and_input_are_the_published_ones(string file)
    {
        var golden = GoldenImages.Read(file);
        var network = golden.Network();
        var parameters = golden.Each("parameters", network.Parameters);
        var gradients = golden.Each("expected/gradients", network.Parameters);
        var batch = golden.Batch(golden.Array("expected/input"));

        void Check(IExecutor executor, double tolerance)
        {
            using (executor)
            {
                var episode = executor.Run(parameters, batch, wantGradient: true);
                Assert.Equal(golden.Number("expected/loss"), episode.Loss, tolerance * 5);
                foreach (var name in new[] { "output", "eta", "decay" })
                {
                    GoldenImages.Close(name, golden.Array($"expected/{name}"), episode.Outputs[name], tolerance);
                }
                GoldenImages.Close("h", golden.Array("expected/final/h"), episode.States["h"], tolerance);
                GoldenImages.Close(
                    "input gradient", golden.Array("expected/inputGradient"), episode.InputGradients["input"], tolerance * 5);
                for (var k = 0; k < gradients.Length; k++)
                {
                    GoldenImages.Close(network.Parameters[k].Name, gradients[k], episode.Gradients[k], tolerance * 5);
                }
            }
        }
        Check(new ReferenceExecutor(network.ProgramThroughInput), Rounded);
        Check(new CpuExecutor(network.ProgramThroughInput, threads: 2), Float32);
    }

    [Fact]
    public void Gradients_that_nobody_asked_the_Program_for_are_refused()
    {
        var golden = GoldenImages.Read(GoldenImages.Names("fewshot-rnn-hebbian")[0]);
        var network = golden.Network();
        var weights = Array.ConvertAll(golden.Each("parameters", network.Parameters), p => Array.ConvertAll(p, x => (float)x));
        var batch = golden.Batch(golden.Array("expected/input"));

        void Refused(StepProgram program, string name, int length)
        {
            foreach (var executor in new IExecutor[] { new CpuExecutor(program, 1), new ReferenceExecutor(program) })
            {
                using (executor)
                {
                    var wanted = new Dictionary<string, double[]> { [name] = new double[length] };
                    var gradients = Array.ConvertAll(weights, p => new float[p.Length]);
                    Assert.Throws<ArgumentException>("inputGradients", () => executor.Gradient(weights, batch, gradients, wanted));
                }
            }
        }
        Refused(network.Program, "input", batch.Input.Length);
        Refused(network.ProgramThroughInput, "target", batch.Target.Length);
        Refused(network.ProgramThroughInput, "input", batch.Input.Length - 1);
    }
}
