using System.Text;

namespace Plastic.Engine;

/// <summary>
/// Writes the statements of one step, with a barrier where <see cref="Hazards"/> asks for one. Consecutive statements on the elements of
/// vectors of one length share a loop.
/// </summary>
internal sealed class KernelWriter
{
    private readonly StringBuilder text = new();
    private readonly Hazards hazards = new();
    private Access[]? before;
    private int loop, sums;

    /// <summary>A barrier between statements.</summary>
    public const string Barrier = "        BAR();\n";

    /// <summary>The places of the kernel's vectors.</summary>
    public VectorPlaces Places { get; } = new();

    /// <summary>Floats of local memory that sums over threads take.</summary>
    public int SumFloats => sums * (Prelude.GroupSize + Prelude.Folds);

    /// <summary>What has been written since the last time.</summary>
    public Section Take()
    {
        Close();
        var open = hazards.Open;
        var taken = new Section(text.ToString(), before is not null, before ?? open, open);
        text.Clear();
        hazards.Clear();
        before = null;
        return taken;
    }

    /// <summary>A statement that each thread runs, on what it reads and writes.</summary>
    public void Each(string statement, params IEnumerable<Access> accesses)
    {
        Before(accesses);
        Close();
        text.Append($"        {statement}\n");
    }

    /// <summary>A statement for each element i of vectors of a length, run by the element's thread.</summary>
    public void Elements(int length, string statement, params IEnumerable<Access> accesses)
    {
        Before(accesses);
        if (loop != length)
        {
            Close();
            text.Append($"        for (int i = LID; i < {length}; i += SIZE) {{\n");
            loop = length;
        }
        text.Append($"            {statement}\n");
    }

    /// <summary>
    /// Sums over the threads, all in one phase: a partial sum of each thread, sixteen sums of those, and one. Each sum becomes a scalar.
    /// </summary>
    /// <param name="list">Each thread's part, and the scalar's declaration up to the sum, such as `float s4 = 2.0f * `.</param>
    public void Sum(IReadOnlyList<(string Part, string Declaration)> list)
    {
        if (list.Count == 0) return;
        sums = Math.Max(sums, list.Count);
        for (var k = 0; k < list.Count; k++)
        {
            Each($"parts[{k * Prelude.GroupSize} + LID] = {list[k].Part};", new Access("parts", IsWrite: true, IsOwn: true));
        }
        Each(
            $$"""
            for (int q = LID; q < {{list.Count * Prelude.Folds}}; q += SIZE) {
                        float a = 0.0f;
                        for (int c = 0; c < SIZE / FOLDS; c++) a += parts[q * (SIZE / FOLDS) + c];
                        folds[q] = a;
                    }
            """,
            new Access("parts", IsWrite: false, IsOwn: false), new Access("folds", IsWrite: true, IsOwn: true));
        for (var k = 0; k < list.Count; k++)
        {
            Each($"{list[k].Declaration}folded(folds + {k * Prelude.Folds});", new Access("folds", IsWrite: false, IsOwn: false));
        }
    }

    /// <summary>The declaration of the memory that sums take.</summary>
    public string DeclareSums() => sums == 0
        ? ""
        : $"    NEAR float* const parts = near;\n    NEAR float* const folds = near + {sums * Prelude.GroupSize};\n";

    private void Before(IEnumerable<Access> accesses)
    {
        Access[] all = [.. accesses];
        if (hazards.Need(all))
        {
            Close();
            text.Append(Barrier);
            before ??= hazards.Open;
            hazards.Clear();
        }
        hazards.Add(all);
        foreach (var access in all) Places.Touch(access.Place, access.IsOwn ? 1 : 2);
    }

    private void Close()
    {
        if (loop != 0) text.Append("        }\n");
        loop = 0;
    }
}
