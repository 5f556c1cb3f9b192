using Plastic.Engine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>What requests and settings come to in the engine's terms, on this machine.</summary>
internal static class Translations
{
    public static AdamWSettings AdamW(this Settings settings) =>
        new(settings.LearningRate, settings.Beta1, settings.Beta2, settings.Epsilon, settings.WeightDecay);

    public static int ThreadCount(this Resources resources) =>
        resources.Threads == 0 ? Environment.ProcessorCount : resources.Threads;

    public static long History(this Resources resources) =>
        resources.HistoryBytes == 0 ? CpuExecutor.DefaultHistoryBytes : resources.HistoryBytes;
}
