using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// How much memory work takes, computed before any of it is allocated: Linux kills a program instead of refusing it memory.
/// </summary>
internal static class Memory
{
    /// <summary>The memory of training a run in bytes, including its validations, checkpoints and test.</summary>
    /// <param name="run">The run.</param>
    /// <param name="network">Its network.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="historyBytes">The memory for stored fast weights on each thread, in bytes.</param>
    /// <param name="isOnDevice">Whether the network runs on a device, whose memory is not included.</param>
    public static long OfTraining(Run run, PlasticNetwork network, int threads, long historyBytes, bool isOnDevice) =>
        OfTraining(network, run.Settings.Optimiser(), run.Episodes.Steps, threads, historyBytes, isOnDevice) + OfData(run);

    /// <summary>The memory of training a network in bytes, without data.</summary>
    public static long OfTraining(
        PlasticNetwork network, OptimiserSettings optimiser, int steps, int threads, long historyBytes, bool isOnDevice)
    {
        var all = Numbers(network.Parameters);
        var remembered = optimiser.NumbersPerParameter * Numbers(network.Parameters.Where(p => p.Trained));
        // Initial values, in float64, are freed before a checkpoint's arrays are made.
        var begin = Math.Max(all * sizeof(double), (2 * all + remembered) * sizeof(float));
        return begin + (3 * all + remembered) * sizeof(float)
            + Placement.HostBytes(network, threads, steps, withGradient: true, historyBytes, isOnDevice);
    }

    /// <summary>The memory of testing a network and reading its fast weights, in bytes.</summary>
    public static long OfLooking(Run run, PlasticNetwork network, int threads, long historyBytes) =>
        OfTesting(run, network, threads, historyBytes, isOnDevice: false)
        + run.Settings.Batch * sizeof(double) * network.PlasticSynapses.Sum(synapse => (long)synapse.Rows * synapse.Columns);

    /// <summary>The memory in bytes of a batch with the given numbers per step, and one weight per step.</summary>
    public static long OfBatch(int size, int steps, int numbers) => ((long)size * numbers + 1) * steps * sizeof(double);

    /// <summary>The memory of testing a trained network, in bytes.</summary>
    public static long OfTesting(Run run, PlasticNetwork network, int threads, long historyBytes, bool isOnDevice) =>
        Numbers(network.Parameters) * sizeof(float) + OfData(run)
        + Placement.HostBytes(network, threads, run.Episodes.Steps, withGradient: false, historyBytes, isOnDevice);

    /// <summary>Stops work that does not fit.</summary>
    /// <param name="what">The name of the work, for the message.</param>
    /// <param name="needed">Bytes.</param>
    /// <param name="advice">What the user can do, for the message.</param>
    /// <param name="available">Bytes available; null for those of this machine or its container.</param>
    /// <param name="ranks">How many processes share them.</param>
    /// <exception cref="PlasticException">More is needed than available.</exception>
    public static void Require(string what, long needed, string advice, long? available = null, int ranks = 1)
    {
        if (Lack(needed, available ?? Available, ranks) is { } lack) throw new PlasticException(ExitCode.Configuration, $"{what} {lack}: try {advice}");
    }

    /// <summary>The bytes of this machine, or of its container.</summary>
    public static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What is wrong where so many bytes are more than those available: "needs 9 MB of memory, …"; null where they fit.</summary>
    public static string? Lack(long needed, long available, int ranks = 1) =>
        needed <= available / ranks
            ? null
            : $"needs {Megabytes(needed)} MB of memory, but this machine has {Megabytes(available / ranks)} MB"
                + (ranks > 1 ? $" for each of its {ranks} ranks" : "");

    public static long Megabytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;

    private static long Numbers(IEnumerable<Parameter> parameters) => parameters.Sum(p => (long)p.Size);

    /// <summary>How many batches of a run are evaluated side by side: as many as take 2 MiB, at least one and at most 64.</summary>
    public static int BatchesTogether(Run run) => (int)Math.Clamp((2 << 20) / OfBatch(run), 1, 64);

    /// <summary>The memory in bytes of a batch of a run, and of what is read of it: its outputs where they are measured, and η.</summary>
    private static long OfBatch(Run run) => OfBatch(
        run.Settings.Batch, run.Episodes.Steps,
        run.Episodes.Inputs + run.Episodes.Outputs + (run.Task.Measure is null ? 0 : run.Episodes.Outputs) + 1
        + (run.Episodes.StoredBytes > 0 ? 1 : 0));

    private static long OfData(Run run) => BatchesTogether(run) * OfBatch(run) + run.Episodes.StoredBytes;
}
