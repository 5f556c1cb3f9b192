using Plastic.Core;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>A learner on a device against the host's with the same executor. Skipped where there is no device.</summary>
[Collection(GpuDevices.Collection)]
public sealed class GpuLearnerTests : IDisposable
{
    private const int Steps = 4;

    private readonly PlasticNetwork network = Made();
    private readonly Crew crew = new(2);
    private readonly Lazy<IDevice> device = new(GpuDevices.Open);

    public void Dispose()
    {
        if (device.IsValueCreated) device.Value.Dispose();
        crew.Dispose();
    }

    [SkippableFact]
    public void It_trains_in_the_bits_of_the_host_s_learner_and_reads_every_step_late()
    {
        using var executor = Executor(device.Value);
        foreach (var settings in new[] { GpuOptimiserTests.Optimiser("adamw"), GpuOptimiserTests.Optimiser("rmsprop with bounds and penalties") })
        {
            using var learner = Learner(executor, settings);
            var host = new Learner(executor, network.InitialValues(1), settings, double.PositiveInfinity, crew);
            var found = new List<(double Loss, double Norm)>();
            var expected = new List<(double Loss, double Norm)>();
            for (var step = 0; step < 7; step++)
            {
                // The fifth changes nothing.
                double? rate = step == 4 ? null : 0.02 / (step + 1);
                host.Begin(Batch(step), rate);
                expected.Add(host.End());
                learner.Begin(Batch(step), rate);
                if (learner.Pending > learner.Ahead) found.Add(learner.End());
                Assert.Equal(Math.Max(0, step - 1), found.Count);
            }
            Assert.Equal(host.Steps, learner.Steps);
            while (learner.Pending > 0) found.Add(learner.End());
            RequireSame(host, learner);
            Assert.Equal(expected.Select(one => one.Loss), found.Select(one => one.Loss));
            foreach (var (a, b) in expected.Zip(found)) Assert.InRange(b.Norm, a.Norm * (1 - 1e-12), a.Norm * (1 + 1e-12));

            // From the host's state it goes on as the host does.
            host.Begin(Batch(7), 0.1);
            host.End();
            for (var k = 0; k < host.Weights.Length; k++) host.Weights[k].CopyTo(learner.Weights[k], 0);
            foreach (var (from, to) in host.Memory.Zip(learner.Memory)) from.Values.CopyTo(to.Values, 0);
            learner.Restore(host.Steps);
            host.Begin(Batch(8), 0.1);
            host.End();
            learner.Begin(Batch(8), 0.1);
            learner.End();
            RequireSame(host, learner);
        }
    }

    [SkippableFact]
    public void A_step_with_a_number_that_is_not_finite_and_those_begun_after_it_change_nothing()
    {
        using var executor = Executor(device.Value);
        using var learner = Learner(executor, new AdamWSettings());
        var host = new Learner(executor, network.InitialValues(1), new AdamWSettings(), double.PositiveInfinity, crew);
        for (var step = 0; step < 2; step++)
        {
            host.Begin(Batch(step), 0.02);
            host.End();
        }
        for (var step = 0; step < 4; step++)
        {
            var batch = Batch(step);
            if (step == 2) batch.Input[3] = double.NaN;
            learner.Begin(batch, 0.02);
            if (step == 2) Assert.True(double.IsFinite(learner.End().Loss));
        }
        Assert.True(double.IsFinite(learner.End().Loss));
        Assert.Equal(double.NaN, learner.End().Loss);
        Assert.Equal(0, learner.Pending);
        Assert.Throws<InvalidOperationException>(() => learner.End());
        Assert.Equal(2, learner.Steps);
        RequireSame(host, learner);
    }

    [SkippableFact]
    public void MemoryFor_is_what_training_and_evaluating_take()
    {
        var counted = new CountingDevice(device.Value);
        foreach (var settings in new[] { GpuOptimiserTests.Optimiser("adamw"), GpuOptimiserTests.Optimiser("rmsprop") })
        {
            counted.Bytes = 0;
            using var executor = new GpuExecutor(network.Program, counted);
            using var learner = Learner(executor, settings);
            learner.Begin(Batch(0), 0.1);
            learner.End();
            executor.Evaluate(learner.Weights, Batch(1));
            learner.Begin(Batch(0), 0.1);
            learner.End();
            Assert.Equal(GpuLearner.MemoryFor(network.Program, counted.Facts, Steps, settings), counted.Bytes);
        }
    }

    [SkippableFact]
    public void More_steps_than_may_be_pending_and_other_batches_are_refused()
    {
        using var executor = Executor(device.Value);
        using var learner = Learner(executor, new AdamWSettings());
        Assert.Throws<ShapeException>(() => learner.Begin(Batch(0).First(2), 0.1));
        for (var step = 0; step < 3; step++) learner.Begin(Batch(step), 0.1);
        Assert.Throws<InvalidOperationException>(() => learner.Begin(Batch(3), 0.1));
        Assert.Throws<InvalidOperationException>(() => learner.Restore(0));
    }

    /// <summary>An executor whose memory holds NaN before each run.</summary>
    private GpuExecutor Executor(IDevice on) => new(on, new EpisodeSource(network.Program, DeviceCase.LocalBytes), ["POISONED"]);

    private static PlasticNetwork Made()
    {
        var options = NetworkOptions.Default;
        Assert.True(RuleBook.TryFind("hebbian", out var rule));
        (options.Rule, options.Inputs, options.Hidden, options.Outputs, options.Batch) = (rule, 3, 9, 2, 3);
        return new PlasticNetwork(options);
    }

    private static void RequireSame(Learner expected, GpuLearner found)
    {
        foreach (var (a, b) in expected.Weights.Zip(found.Weights)) Assert.Equal(a, b);
        foreach (var (a, b) in expected.Memory.Zip(found.Memory))
        {
            Assert.Equal((a.Parameter.Name, a.Memory), (b.Parameter.Name, b.Memory));
            Assert.Equal(a.Values, b.Values);
        }
    }

    private GpuLearner Learner(GpuExecutor executor, OptimiserSettings settings) =>
        new(executor, Steps, network.InitialValues(1), settings, double.PositiveInfinity, crew);

    private Batch Batch(int step)
    {
        var numbers = new RandomStream(Philox.key(11, "learner"), step, 0);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)numbers.Normal())];
        return new Batch(3, Steps, 3, 2, Draw(3 * Steps * 3), Draw(3 * Steps * 2), [.. Enumerable.Repeat(0.25, Steps)]);
    }

    /// <summary>Counts the bytes that are taken.</summary>
    private sealed class CountingDevice(IDevice device) : WrappedDevice(device)
    {
        public long Bytes { get; set; }

        public override DeviceBuffer Allocate(long floats, string what)
        {
            var taken = base.Allocate(floats, what);
            Bytes += taken.Floats * sizeof(float);
            return taken;
        }
    }
}
