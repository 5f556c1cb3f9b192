using Plastic.Engine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>What <see cref="Resources"/> come to on this machine.</summary>
internal static class MachineShare
{
    public static int ThreadCount(this Resources resources) =>
        resources.Threads == 0 ? Environment.ProcessorCount : resources.Threads;

    public static long History(this Resources resources) =>
        resources.HistoryBytes == 0 ? CpuExecutor.DefaultHistoryBytes : resources.HistoryBytes;
}
