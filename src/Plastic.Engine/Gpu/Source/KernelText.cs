namespace Plastic.Engine;

/// <summary>A kernel's source.</summary>
/// <param name="Text">In C.</param>
/// <param name="LocalFloats">Floats of local memory that a group takes.</param>
/// <param name="ScratchFloats">Floats of global memory that a group takes for vectors that local memory has no room for.</param>
internal sealed record KernelText(string Text, int LocalFloats, int ScratchFloats)
{
    /// <summary>A kernel whose vectors are placed, around its body.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">Its arguments; scratch among them.</param>
    /// <param name="writer">Has written the body's statements.</param>
    /// <param name="localFloats">Floats of local memory that there are.</param>
    /// <param name="body">The body.</param>
    public static KernelText Of(string name, string arguments, KernelWriter writer, int localFloats, string body)
    {
        var places = writer.Places.Declare(localFloats, writer.SumFloats, out var local, out var scratch);
        return new KernelText(
            $$"""
            KERNEL void {{name}}({{arguments}}) {
                LOCAL_FLOATS(near, {{Math.Max(1, local)}});
                GLOBAL float* far = scratch + (wide)GID * {{scratch}};
            #ifdef POISONED
                for (int k = LID; k < {{local}}; k += SIZE) near[k] = AS_FLOAT(0x7FC00000);
                for (int k = LID; k < {{scratch}}; k += SIZE) far[k] = AS_FLOAT(0x7FC00000);
                BAR();
            #endif
            {{writer.DeclareSums()}}{{places}}{{body}}}

            """, local, scratch);
    }
}
