namespace Plastic.Engine;

/// <summary>A device and its limits.</summary>
/// <param name="Name">The name by which it is asked for, such as opencl:0.</param>
/// <param name="Model">What it calls itself.</param>
/// <param name="Platform">Whose library runs it.</param>
/// <param name="IsCpu">Whether it is this machine's CPU.</param>
/// <param name="Units">Groups that it runs side by side.</param>
/// <param name="GroupSize">Threads of a group at most.</param>
/// <param name="LocalBytes">Bytes of memory that a group's threads share.</param>
/// <param name="MemoryBytes">Bytes of its memory.</param>
/// <param name="LargestBytes">Bytes of one buffer at most.</param>
/// <param name="HasDoubles">Whether it computes in float64 too.</param>
public sealed record DeviceFacts(
    string Name, string Model, string Platform, bool IsCpu, int Units, long GroupSize, long LocalBytes, long MemoryBytes, long LargestBytes,
    bool HasDoubles);
