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

    /// <summary>Opens the device that is asked for; null for the CPU.</summary>
    /// <exception cref="DeviceException">Its library is not installed, or there is no such device.</exception>
    public static IDevice? Open(this Resources resources) => resources.Device.Length == 0 ? null : KernelDevices.Open(resources.Device);

    /// <summary>The device that is asked for, which is closed again; null for the CPU.</summary>
    /// <exception cref="DeviceException">Its library is not installed, or there is no such device.</exception>
    public static DeviceFacts? RequireDevice(this Resources resources)
    {
        using var device = resources.Open();
        return device?.Facts;
    }

    public static long History(this Resources resources) =>
        resources.HistoryBytes == 0 ? CpuExecutor.DefaultHistoryBytes : resources.HistoryBytes;
}
