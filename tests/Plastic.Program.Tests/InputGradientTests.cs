using Plastic.Core;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Gradients with respect to data are given to those who asked the Program for them.</summary>
public sealed class InputGradientTests
{
    [Fact]
    public void Gradients_that_nobody_asked_the_Program_for_are_refused()
    {
        var options = NetworkOptions.Default;
        (options.Inputs, options.Hidden, options.Outputs, options.Batch) = (3, 4, 2, 2);
        var network = new PlasticNetwork(options);
        var weights = Array.ConvertAll(network.InitialValues(1), p => Array.ConvertAll(p, x => (float)x));
        var batch = new Batch(2, 1, 3, 2, [1, 2, 3, 4, 5, 6], [0, 1, 1, 0], [1]);

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
