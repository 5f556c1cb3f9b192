using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>The error of one quantity of a golden case.</summary>
/// <param name="Quantity">A column of the report.</param>
/// <param name="Worst">The tensor with that error, where the quantity has several; otherwise the quantity.</param>
internal sealed record Deviation(string Quantity, string Worst, double Error, double Limit)
{
    /// <summary>False for an error of NaN too.</summary>
    public bool Passed => Error <= Limit;
}

/// <summary>One golden case compared with one executor, quantity by quantity.</summary>
internal sealed record Verification(string File, string Executor, IReadOnlyList<Deviation> Deviations)
{
    /// <summary>The quantities, in reporting order.</summary>
    public static readonly IReadOnlyList<string> Quantities =
        ["output", "eta", "decay", "innerLoss", "loss", "gradients", "final", "training"];

    public bool Passed => Deviations.All(deviation => deviation.Passed);

    /// <summary>The reference interpreter, in float64 throughout.</summary>
    public static Verification OfInterpreter(Golden golden)
    {
        using var executor = new ReferenceExecutor(golden.Network.Program);
        var trajectory = Trajectory.InFloat64(executor, golden);
        return new Verification(golden.File, "float64", Compare(golden, executor, trajectory, Tolerance.Float64));
    }

    /// <summary>The float32 engine.</summary>
    public static Verification OfEngine(Golden golden, int threads)
    {
        using var executor = new CpuExecutor(golden.Network.Program, threads);
        var trajectory = Trajectory.InFloat32(executor, golden);
        return new Verification(golden.File, "float32", Compare(golden, executor, trajectory, Tolerance.Float32));
    }

    private static Deviation[] Compare(Golden golden, IExecutor executor, Trajectory trajectory, Tolerance tolerance)
    {
        var episode = executor.Run(golden.Parameters, golden.Batch, wantGradient: true);

        Deviation Of(string quantity, params IEnumerable<(string Name, double[] Actual, double[] Golden)> tensors)
        {
            var limit = quantity == "training" ? tolerance.Trajectory : tolerance.Values;
            var worst = new Deviation(quantity, quantity, 0, limit);
            foreach (var (name, actual, expected) in tensors)
            {
                var error = Tolerance.Error(actual, expected);
                // Written so that a NaN takes precedence over any number and is kept.
                if (!(error <= worst.Error) && !double.IsNaN(worst.Error))
                {
                    worst = worst with { Worst = name, Error = error };
                }
            }
            return worst;
        }

        return
        [
            Of("output", ("output", episode.Outputs["output"], golden.Outputs["output"])),
            Of("eta", ("eta", episode.Outputs["eta"], golden.Outputs["eta"])),
            Of("decay", ("decay", episode.Outputs["decay"], golden.Outputs["decay"])),
            Of("innerLoss", ("innerLoss", OverBatch(episode, golden.Batch), golden.Outputs["innerLoss"])),
            Of("loss", ("loss", [episode.Loss], [golden.Loss])),
            Of(
                "gradients",
                golden.Network.Parameters.Select((parameter, k) => (parameter.Name, episode.Gradients[k], golden.Gradients[k]))),
            Of(
                "final",
                [
                    .. golden.FastWeights.Select(pair => ($"{pair.Key}.weight", episode.FastWeights[pair.Key], pair.Value)),
                    .. golden.States.Select(pair => (pair.Key, episode.States[pair.Key], pair.Value)),
                ]),
            Of(
                "training",
                ("losses", trajectory.Losses, golden.Training.Losses),
                ("gradient norms", trajectory.GradientNorms, golden.Training.GradientNorms)),
        ];
    }

    /// <summary>[T] from [B, T]: each sample's inner loss already includes the factor 1/B.</summary>
    private static double[] OverBatch(Episode episode, Batch batch)
    {
        var perSample = episode.Outputs["innerLoss"];
        var sums = new double[batch.Steps];
        for (var i = 0; i < perSample.Length; i++) sums[i % batch.Steps] += perSample[i];
        return sums;
    }
}
