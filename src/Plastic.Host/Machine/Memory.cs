using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// How much memory work takes, computed before any of it is allocated: Linux kills a program instead of refusing it memory.
/// </summary>
internal static class Memory
{
    /// <summary>Bytes that training a run takes, its validations, its checkpoints and its test included.</summary>
    /// <param name="run">The run.</param>
    /// <param name="network">Its network.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="historyBytes">What the kept fast weights of the samples in flight may take, on each thread.</param>
    public static long OfTraining(Run run, PlasticNetwork network, int threads, long historyBytes) =>
        OfTraining(network, run.Settings.Optimiser(), run.Episodes.Steps, threads, historyBytes) + OfData(run);

    /// <summary>Bytes that training a network takes, without data.</summary>
    public static long OfTraining(
        PlasticNetwork network, OptimiserSettings optimiser, int steps, int threads, long historyBytes)
    {
        var all = Numbers(network.Parameters);
        var remembered = optimiser.NumbersPerParameter * Numbers(network.Parameters.Where(p => p.Trained));
        // Initial values, in float64, are freed before a checkpoint's arrays are made.
        var begin = Math.Max(all * sizeof(double), (2 * all + remembered) * sizeof(float));
        return begin + (3 * all + remembered) * sizeof(float)
            + CpuExecutor.MemoryFor(network.Program, threads, steps, withGradient: true, historyBytes);
    }

    /// <summary>Bytes that testing a network and reading its fast weights takes.</summary>
    public static long OfLooking(Run run, PlasticNetwork network, int threads, long historyBytes) =>
        OfTesting(run, network, threads, historyBytes)
        + run.Settings.Batch * sizeof(double) * network.Program.Synapses.Where(synapse => synapse.IsPlastic)
            .Sum(synapse => (long)synapse.Matrix.Rows * synapse.Matrix.Columns);

    /// <summary>Bytes of a batch with so many numbers a step, and one weight a step.</summary>
    public static long OfBatch(int size, int steps, int numbers) => ((long)size * numbers + 1) * steps * sizeof(double);

    /// <summary>Bytes that testing a trained network takes.</summary>
    public static long OfTesting(Run run, PlasticNetwork network, int threads, long historyBytes) =>
        Numbers(network.Parameters) * sizeof(float) + OfData(run)
        + CpuExecutor.MemoryFor(network.Program, threads, run.Episodes.Steps, withGradient: false, historyBytes);

    /// <summary>Stops work that does not fit.</summary>
    /// <param name="what">What it is for.</param>
    /// <param name="needed">Bytes.</param>
    /// <param name="advice">What may help.</param>
    /// <param name="available">Bytes available; null for those of this machine or its container.</param>
    /// <exception cref="PlasticException">More are needed.</exception>
    public static void Require(string what, long needed, string advice, long? available = null)
    {
        var there = available ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed <= there) return;
        throw new PlasticException(
            ExitCode.Configuration,
            $"{what} takes {Megabytes(needed)} MB of memory and this machine has {Megabytes(there)}: {advice} may help");
    }

    public static long Megabytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;

    private static long Numbers(IEnumerable<Parameter> parameters) => parameters.Sum(p => (long)p.Size);

    /// <summary>A batch, and the outputs where they are measured.</summary>
    private static long OfData(Run run) => OfBatch(
        run.Settings.Batch, run.Episodes.Steps,
        run.Episodes.Inputs + run.Episodes.Outputs + (run.Task.Measure is null ? 0 : run.Episodes.Outputs));
}
