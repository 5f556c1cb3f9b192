using Plastic.Core;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The optimiser's kernels against those of the CPU: the same bits from the same gradient and factor. Skipped where there is no device.</summary>
[Collection(GpuDevices.Collection)]
public sealed class GpuOptimiserTests
{
    // Several ranges of the gradient, the last one not full, and a parameter that is not trained.
    private static readonly PlasticNetwork Network = Made();

    /// <summary>What <see cref="Optimiser"/> knows.</summary>
    internal static readonly string[] Optimisers = ["adamw", "adamw without amsgrad", "rmsprop", "rmsprop with bounds and penalties"];

    public static TheoryData<string> Names => [.. Optimisers];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void An_update_has_the_bits_of_the_CPU_s(string name)
    {
        using var trial = new Trial(Optimiser(name), maximum: name.Contains("out") ? 0.7 : double.PositiveInfinity);
        double[] sizes = [1, 1e-3, 1e-30, 1e-42, 1e12, 30, 0];
        for (var step = 1; step <= sizes.Length; step++)
        {
            var rate = 0.01 / step;
            trial.Draw(sizes[step - 1]);
            trial.MeasureAndUpdate(step, rate);
            trial.Host.Step(trial.TrainedGradients, rate, trial.Factor, trial.Crew);
            trial.RequireSame();
        }
    }

    [SkippableTheory]
    [InlineData(5.0)]
    [InlineData(1e-3)]
    [InlineData(0.1)]
    [InlineData(double.PositiveInfinity)]
    public void Norm_and_factor_are_the_CPU_s_to_rounding_of_float_pairs_and_overflow_where_the_CPU_s_do(double maximum)
    {
        using var trial = new Trial(Optimiser("adamw"), maximum);
        foreach (var size in new[] { 1, 0.037, 1e-6, 1e-15, 1e-38, 1e-44, 1e10, 1e19, 1e30, 1e38, 0 })
        {
            trial.Draw(size);
            trial.Measure();
            var norm = trial.HostNorm;
            Assert.InRange(trial.Norm, norm * (1 - 1e-12), norm * (1 + 1e-12));
            // Where it underflows, both are rounded to a multiple of the least float.
            var factor = GradientNorm.Scale(norm, maximum);
            Assert.InRange(trial.Factor, factor * (1 - 1e-12) - 1e-44, factor * (1 + 1e-12) + 1e-44);
        }
    }

    [SkippableTheory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 0)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(0, float.NaN)]
    [InlineData(0, float.NegativeInfinity)]
    public void A_number_that_is_not_finite_stops_this_update_and_later_ones_until_it_is_restored(float gradient, float loss)
    {
        using var trial = new Trial(Optimiser("adamw"), maximum: 5);
        trial.Draw(1);
        trial.MeasureAndUpdate(1, 0.1);
        trial.Host.Step(trial.TrainedGradients, 0.1, trial.Factor, trial.Crew);
        trial.RequireSame();

        trial.Draw(1);
        trial.Set(gradient, loss);
        trial.MeasureAndUpdate(2, 0.1);
        if (gradient != 0) Assert.Equal(trial.HostNorm, trial.Norm);
        Assert.Equal(loss, trial.Loss);
        trial.Draw(1);
        trial.MeasureAndUpdate(3, 0.1);
        trial.RequireSame();

        trial.Device.Restore();
        trial.MeasureAndUpdate(2, 0.1);
        trial.Host.Step(trial.TrainedGradients, 0.1, trial.Factor, trial.Crew);
        trial.RequireSame();
    }

    [SkippableFact]
    public void Rmsprop_is_refused_by_a_device_without_float64_on_one_line()
    {
        using var device = GpuDevices.Open();
        var layout = new EpisodeLayout(Network.Program);
        var refused = Assert.Throws<DeviceException>(() => new DeviceOptimiser(
            new CountedDevice(device.Facts with { HasDoubles = false }), layout, UpdateKernel.Of(Optimiser("rmsprop"))!, 5, [], 1));
        Assert.Equal(DeviceFault.NoDevice, refused.Fault);
        Assert.Contains("float64", refused.Message);
    }

    internal static OptimiserSettings Optimiser(string name) => name switch
    {
        "adamw" => new AdamWSettings(WeightDecay: 0.1),
        "adamw without amsgrad" => new AdamWSettings(Beta1: 0.8, AmsGrad: false),
        "rmsprop" => new RmsPropSettings(),
        "rmsprop with bounds and penalties" => new RmsPropSettings(Memory: 0.9, MaxStep: 0.02, PenaltyL1: 1e-4, PenaltyL2: 1e-3),
        _ => throw new ArgumentException(name),
    };

    private static PlasticNetwork Made()
    {
        var options = NetworkOptions.Default;
        Assert.True(RuleBook.TryFind("hebbian", out var rule));
        (options.Rule, options.Inputs, options.Hidden, options.Outputs, options.Batch) = (rule, 3, 67, 2, 3);
        (options.Alpha, options.FrozenWeights) = (AlphaMode.Random, true);
        return new PlasticNetwork(options);
    }

    /// <summary>The same parameters and gradients on a device and on the host.</summary>
    private sealed class Trial : IDisposable
    {
        private const int Steps = 2;

        private readonly IDevice device = GpuDevices.Open();
        private readonly EpisodeLayout layout = new(Network.Program);
        private readonly Random random = new(5);
        private readonly DeviceBuffer gradient, outs;
        private readonly float[] rows;
        private readonly float[][] weights, gradients;
        private readonly int[] trained;
        private readonly GradientNorm<float> norm;

        public Trial(OptimiserSettings settings, double maximum)
        {
            float[][] initial = Array.ConvertAll(Network.InitialValues(1), p => Array.ConvertAll(p, x => (float)x));
            weights = Array.ConvertAll(initial, p => (float[])p.Clone());
            gradients = Array.ConvertAll(initial, p => new float[p.Length]);
            trained = [.. Enumerable.Range(0, weights.Length).Where(k => Network.Parameters[k].Trained)];
            Assert.True(trained.Length < weights.Length);
            norm = new GradientNorm<float>(gradients);
            Host = settings.Create([.. trained.Select(k => Network.Parameters[k])], [.. trained.Select(k => weights[k])]);
            Device = new DeviceOptimiser(device, layout, UpdateKernel.Of(settings)!, maximum, initial, Steps);
            gradient = device.Allocate(layout.ParameterSize, "gradients");
            rows = new float[Network.Options.Batch * Steps * (layout.OutputSize + 1)];
            outs = device.Allocate(rows.Length, "outputs");
        }

        public Crew Crew { get; } = new(2);

        public IOptimiser<float> Host { get; }

        public DeviceOptimiser Device { get; }

        public float[][] TrainedGradients => [.. trained.Select(k => gradients[k])];

        public double HostNorm => norm.Measure(gradients, Crew);

        public double Norm { get; private set; }

        public double Factor { get; private set; }

        public double Loss { get; private set; }

        /// <summary>A gradient of some size, with zeros in it.</summary>
        public void Draw(double size)
        {
            foreach (var k in trained)
            {
                for (var i = 0; i < gradients[k].Length; i++)
                {
                    gradients[k][i] = random.Next(9) == 0 ? 0 : (float)(size * (2 * random.NextDouble() - 1));
                }
            }
            Array.Clear(rows);
        }

        /// <summary>Puts numbers among the gradient and the losses.</summary>
        public void Set(float gradient, float loss)
        {
            gradients[trained[^1]][^1] = gradient;
            rows[^1] = loss;
        }

        public void Measure()
        {
            device.Write(gradient, gradients.SelectMany(g => g).ToArray());
            device.Write(outs, rows);
            Device.Measure(gradient, outs);
            Read();
        }

        public void MeasureAndUpdate(int step, double learningRate)
        {
            Measure();
            Device.Update(gradient, step, learningRate);
        }

        public void RequireSame()
        {
            var found = Device.Weights.Fetch();
            for (var k = 0; k < weights.Length; k++) Require(weights[k], found[k], Network.Parameters[k].Name);
            foreach (var ((name, values), arrays) in Host.Memory.Zip(Device.Memory))
            {
                for (var k = 0; k < values.Length; k++) Require(values[k], arrays.Fetch()[k], name);
            }
        }

        public void Dispose()
        {
            gradient.Dispose();
            outs.Dispose();
            Device.Dispose();
            device.Dispose();
            Crew.Dispose();
        }

        private static void Require(float[] expected, float[] found, string what)
        {
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.True(
                    BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(found[i]),
                    $"{what}[{i}]: {found[i]:R}, not {expected[i]:R}");
            }
        }

        private void Read()
        {
            var results = new float[Device.Results.Floats];
            device.Read(Device.Results, 0, results);
            Norm = DeviceOptimiser.NormOf(results);
            Loss = GpuExecutor.Losses(DeviceOptimiser.LossesOf(results), 1, 0, Network.Options.Batch).Sum();
            var (high, low) = Device.ReadFactor();
            Factor = (double)high + low;
        }
    }
}
