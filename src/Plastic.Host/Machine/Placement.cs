using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>What runs and trains a network: the CPU's threads, or a device. Encoders run on the CPU either way.</summary>
internal static class Placement
{
    /// <summary>An executor of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="crew">The threads; disposing of the executor leaves them alive.</param>
    /// <param name="seed">The seed of what an encoder drops in training.</param>
    /// <param name="historyBytes">The memory for stored fast weights on each thread, in bytes.</param>
    /// <param name="device">The device; null for the CPU.</param>
    /// <param name="team">The ranks that compute gradients on their CPUs together; null for one process.</param>
    /// <exception cref="DeviceException">The device cannot compile the kernels, or has too little memory.</exception>
    public static IExecutor Executor(
        PlasticNetwork network, Crew crew, long seed, long historyBytes, IDevice? device, Team? team = null) => device is null
        ? Engine.Executor.Create(network, crew, seed, historyBytes, team)
        : network.Encoder is not { } encoder
            ? new GpuExecutor(network.Program, device)
            : new EncodedExecutor(
                network, new CpuEncoder(encoder, crew, new KeyedDrops(seed)), new GpuExecutor(network.ProgramThroughInput, device));

    /// <summary>A learner: on the device where the whole network and the optimiser are there, else on the host.</summary>
    /// <param name="executor">Runs the network.</param>
    /// <param name="steps">Steps of the episodes.</param>
    /// <param name="initial">Initial values, one array per parameter of the executor.</param>
    /// <param name="settings">The optimiser's settings.</param>
    /// <param name="maxGradientNorm">Bound on the joint norm of all gradients; infinity for none.</param>
    /// <param name="crew">The threads that share the work.</param>
    /// <exception cref="DeviceException">The device cannot compile the kernels, or has too little memory.</exception>
    public static ILearner Learner(
        IExecutor executor, int steps, double[][] initial, OptimiserSettings settings, double maxGradientNorm, Crew crew)
    {
        if (executor is not GpuExecutor onDevice || !GpuLearner.Knows(settings)) return new Learner(executor, initial, settings, maxGradientNorm, crew);
        return new GpuLearner(onDevice, steps, initial, settings, maxGradientNorm, crew);
    }

    /// <summary>The bytes of the host that an executor takes for batches, found without taking them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="steps">Steps of the episodes.</param>
    /// <param name="withGradient">Whether gradients are computed.</param>
    /// <param name="historyBytes">The memory for stored fast weights on each thread, in bytes.</param>
    /// <param name="isOnDevice">Whether it runs on a device: then all but an encoder is there.</param>
    public static long HostBytes(
        PlasticNetwork network, int threads, int steps, bool withGradient, long historyBytes, bool isOnDevice)
    {
        var all = Engine.Executor.MemoryFor(network, threads, steps, withGradient, historyBytes);
        if (!isOnDevice) return all;
        var engine = network.Encoder is null
            ? all
            : CpuExecutor.MemoryFor(network.ProgramThroughInput, threads, steps, withGradient, historyBytes);
        // A learner's batches of three steps, each with what comes back.
        return all - engine + 3L * network.Options.Batch * steps * (network.Inputs + network.Options.Outputs + 2) * sizeof(float);
    }

    /// <summary>The bytes of a device that training takes, found without taking them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="steps">Steps of the episodes.</param>
    /// <param name="settings">The optimiser's settings; null for evaluations alone.</param>
    /// <param name="device">The device.</param>
    public static long DeviceBytes(PlasticNetwork network, int steps, OptimiserSettings? settings, DeviceFacts device)
    {
        var program = network.Encoder is null ? network.Program : network.ProgramThroughInput;
        return network.Encoder is null && settings is not null && GpuLearner.Knows(settings)
            ? GpuLearner.MemoryFor(program, device, steps, settings)
            : GpuExecutor.MemoryFor(program, device, steps, wantGradient: settings is not null);
    }
}
