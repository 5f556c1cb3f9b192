namespace Plastic.Engine;

/// <summary>What a kernel takes of a device.</summary>
/// <param name="Kernel">Its name.</param>
/// <param name="Groups">Groups of threads that it runs in.</param>
/// <param name="Seconds">Time of a launch, with others before and after it.</param>
/// <param name="LocalBytes">Bytes of local memory of a group.</param>
/// <param name="Registers">Registers of a thread; null where the device does not tell.</param>
/// <param name="SpillBytes">Bytes of memory that a thread takes for what finds no register; null where the device does not tell.</param>
public sealed record KernelTime(string Kernel, long Groups, double Seconds, int LocalBytes, int? Registers, int? SpillBytes);
