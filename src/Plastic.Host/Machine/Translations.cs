using Plastic.CommandLine;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Requests and settings in the engine's terms, on this machine.</summary>
internal static class Translations
{
    public static OptimiserSettings Optimiser(this RunSettings settings) => settings.Optimiser.IsRmsProp
        ? new RmsPropSettings(
            settings.Beta2, settings.Epsilon, settings.MaxStep, settings.PenaltyL1, settings.PenaltyL2)
        : new AdamWSettings(
            settings.LearningRate, settings.Beta1, settings.Beta2, settings.Epsilon, settings.WeightDecay, settings.AmsGrad);

    public static int ThreadCount(this Resources resources) =>
        resources.Threads == 0 ? Environment.ProcessorCount : resources.Threads;

    /// <summary>How many ranks share this machine's memory: 1 without ranks, or where the launcher does not say.</summary>
    public static int RanksHere(this Resources resources) => resources.Ranks.Length == 0
        ? 1
        : Math.Max(1, Launcher.Find(Environment.GetEnvironmentVariable)?.LocalCount ?? 1);

    /// <summary>Opens the device that is asked for; null for the CPU.</summary>
    /// <exception cref="DeviceException">Its library is not installed, or there is no such device.</exception>
    public static IDevice? Open(this Resources resources) => KernelDevices.OpenOrCpu(resources.Device);

    /// <summary>Whether a device is asked for.</summary>
    public static bool IsOnDevice(this Resources resources) => resources.Device.Length > 0;

    /// <summary>The device that is asked for, which is closed again; null for the CPU.</summary>
    /// <exception cref="DeviceException">Its library is not installed, or there is no such device.</exception>
    public static DeviceFacts? RequireDevice(this Resources resources)
    {
        using var device = resources.Open();
        return device?.Facts;
    }

    /// <summary>Says on one line each what somebody who asks for a device may not expect.</summary>
    /// <param name="resources">What a command may use.</param>
    /// <param name="device">The device that it uses; null for the CPU.</param>
    /// <param name="output">Where warnings go.</param>
    public static void WarnOf(this Resources resources, DeviceFacts? device, Output output)
    {
        if (device is null) return;
        if (device.IsCpu) output.Warn($"{device.Name} is this machine's CPU: kernels there are for proof, and far slower than without --device");
        if (resources.HistoryBytes != 0) output.Warn($"--history has no effect on {device.Name}: only the CPU engine reads it");
    }

    public static long History(this Resources resources) =>
        resources.HistoryBytes == 0 ? CpuExecutor.DefaultHistoryBytes : resources.HistoryBytes;
}
