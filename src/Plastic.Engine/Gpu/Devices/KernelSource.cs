namespace Plastic.Engine;

/// <summary>Kernels before they are compiled.</summary>
/// <param name="Text">In C.</param>
/// <param name="LocalFloats">By kernel: floats of local memory that a group takes; a kernel that is not named takes none.</param>
internal sealed record KernelSource(string Text, IReadOnlyDictionary<string, int> LocalFloats)
{
    /// <summary>Kernels that take no local memory.</summary>
    public KernelSource(string text) : this(text, new Dictionary<string, int>())
    {
    }

    /// <summary>Bytes of local memory that a group of a kernel takes.</summary>
    public int LocalBytes(string kernel) => LocalFloats.GetValueOrDefault(kernel) * sizeof(float);
}
