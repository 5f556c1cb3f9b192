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
    private string? slices;
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

    /// <summary>A walk of each thread, or of several that share one; then their sums are added in order.</summary>
    public void Walk(Walk walk)
    {
        var (own, other) = walk.Names;
        var condition = walk.Condition is { } found ? $"if ({found}) " : "";
        var sums = walk.Sums.Length == 0 ? "" : $"float {string.Join(", ", walk.Sums.Select(sum => $"{sum} = 0.0f"))};";
        if (walk.Slices == 1)
        {
            Each(
                $$"""
                {{condition}}for (int {{own}} = LID; {{own}} < {{walk.Length}}; {{own}} += SIZE) {
                            {{sums}} {{walk.Before}}
                            for (int {{other}} = 0; {{other}} < {{walk.Count}}; {{other}}++) {
                                int k = {{other}} * {{walk.Length}} + {{own}};
                                {{walk.Body}}
                            }
                            {{walk.After}}
                        }
                """,
                walk.Accesses.Concat(walk.Then));
            return;
        }
        var part = (walk.Count + walk.Slices - 1) / walk.Slices;
        var left = "";
        if (walk.Sums.Length > 0)
        {
            slices ??= Places.TakeAlone(0);
            Places.Grow(slices, walk.Sums.Length * walk.Slices * walk.Length);
            left = string.Concat(walk.Sums.Select((sum, at) => $"{slices}[{at * walk.Slices * walk.Length} + LID] = {sum}; "));
        }
        Each(
            $$"""
            {{condition}}if (LID < {{walk.Slices * walk.Length}}) {
                        int {{own}} = LID % {{walk.Length}}, first = LID / {{walk.Length}} * {{part}};
                        {{sums}} {{walk.Before}}
                        for (int {{other}} = first; {{other}} < first + {{part}} && {{other}} < {{walk.Count}}; {{other}}++) {
                            int k = {{other}} * {{walk.Length}} + {{own}};
                            {{walk.Body}}
                        }
                        {{left}}
                    }
            """,
            [.. walk.Accesses, .. slices is null || left.Length == 0 ? [] : new[] { new Access(slices, IsWrite: true, IsOwn: true) }]);
        if (left.Length == 0) return;
        var added = string.Concat(walk.Sums.Select((sum, at) =>
            $"float {sum} = {slices}[{at * walk.Slices * walk.Length} + {own}];"
            + string.Concat(Enumerable.Range(1, walk.Slices - 1).Select(slice =>
                $" {sum} += {slices}[{(at * walk.Slices + slice) * walk.Length} + {own}];")) + "\n            "));
        Each(
            $$"""
            {{condition}}for (int {{own}} = LID; {{own}} < {{walk.Length}}; {{own}} += SIZE) {
                        {{added}}{{walk.After}}
                    }
            """,
            [new Access(slices!, IsWrite: false, IsOwn: false), .. walk.Then]);
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
