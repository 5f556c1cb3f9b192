using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Writes the kernel that runs the episodes forward, one group for each sample: for every step the states, the forward list, the outputs,
/// and the synapses' updates. With history it keeps every frame, state and fast weight; without, only the last.
/// </summary>
internal sealed class ForwardKernel
{
    private readonly EpisodeLayout layout;
    private readonly KernelWriter writer = new();
    private readonly ListCode list;
    private readonly List<string> scalars = [];
    private readonly List<Access> carries = [];
    private readonly FactoredForward[] factored;

    private ForwardKernel(EpisodeLayout layout)
    {
        (this.layout, list) = (layout, new ListCode(layout, writer));
        factored = [.. layout.AllFactored.Select(f => new FactoredForward(layout, f, list, writer))];
        foreach (var f in factored) list.Factored[f.Code.Layout.Index] = f.Code;
    }

    private StepProgram Program => layout.Program;

    /// <summary>The kernel.</summary>
    /// <param name="layout">Where everything lies.</param>
    /// <param name="localFloats">Floats of local memory that it may use.</param>
    public static KernelText Write(EpisodeLayout layout, int localFloats)
    {
        var kernel = new ForwardKernel(layout);
        var (entering, stepping, leaving) = Section.Looped(
            kernel.writer, () => Array.ForEach(kernel.factored, f => f.Enter()), kernel.Step, () => Array.ForEach(kernel.factored, f => f.Leave()));
        return KernelText.Of(
            "forward",
            "GLOBAL const float* RESTRICT par, GLOBAL const float* RESTRICT parT, GLOBAL const float* RESTRICT data, GLOBAL float* frames, GLOBAL float* fasts, "
            + "GLOBAL float* starts, GLOBAL float* seenFasts, GLOBAL float* carries, GLOBAL float* outs, GLOBAL float* scratch, int steps, "
            + "int chunk, int history, int seen",
            kernel.writer, localFloats,
            $$"""
            {{string.Concat(kernel.factored.Select(f => f.Variables))}}    int chunks = history ? (steps + chunk - 1) / chunk : 1;
                int rows = history ? chunks + chunk : 1;
                for (int k = LID; k < {{layout.FastSize}}; k += SIZE) fasts[(wide)GID * rows * {{layout.FastSize}} + k] = 0.0f;
                BAR();
                for (int begin = 0; begin < steps; begin += chunk) {
                    int end = begin + chunk < steps ? begin + chunk : steps;
                    GLOBAL const float* f0 = starts + ((wide)GID * chunks + (history ? begin / chunk : 0)) * {{layout.StartSize}};
                    GLOBAL float* f1 = starts + ((wide)GID * chunks + (history ? end / chunk : 0)) * {{layout.StartSize}};
            {{entering}}        for (int t = begin; t < end; t++) {
                    int n = t - begin;
                    GLOBAL const float* d = data + ((wide)GID * steps + t) * {{layout.DataSize}};
                    GLOBAL float* fr = frames + ((wide)GID * (history ? steps : 1) + (history ? t : 0)) * {{layout.FrameSize}};
                    int from = !history ? 0 : n == 0 ? begin / chunk : chunks + n;
                    int to = !history ? 0 : n == chunk - 1 ? begin / chunk + 1 : chunks + n + 1;
                    GLOBAL const float* f = fasts + ((wide)GID * rows + from) * {{layout.FastSize}};
                    GLOBAL float* g = fasts + ((wide)GID * rows + to) * {{layout.FastSize}};
                    GLOBAL float* seenF = seenFasts + ((wide)GID * (seen == 2 ? steps : 1) + (seen == 2 ? t : 0)) * {{layout.SeenSize}};
                    GLOBAL float* out = outs + ((wide)GID * steps + t) * {{layout.OutputSize + 1}};
                    GLOBAL float* next = carries + ((wide)GID * (history ? steps : 1) + (history ? t : 0)) * {{layout.StateSize}};
                    GLOBAL const float* last = history ? next - {{layout.StateSize}} : next;
            {{stepping}}        }
            {{leaving}}    }

            """);
    }

    private void Step()
    {
        for (var k = 0; k < Program.Slots.Length; k++)
        {
            if (Program.Slots[k].Source is not Source.State named) continue;
            var state = Array.FindIndex(Program.States, s => s.Name == named.Item);
            var isOwn = Program.Slots[k].Length > 1;
            list.Set(
                k, $"t == 0 ? 0.0f : last[{layout.States[state]} + {(isOwn ? "i" : "0")}]",
                new Access($"carry{state}", IsWrite: false, isOwn));
            list.Save(k);
        }
        HashSet<int> later =
        [
            .. Program.States.Select(s => s.Next), .. Program.Outputs.Select(o => o.Slot), Program.Loss,
            .. Program.Synapses.Where(s => s.IsPlastic).SelectMany(s => s.Update.Value.Operands.All),
        ];
        // States at entry can be what updates and next states read, and they have their places from the start.
        list.Write(Program.Forward, later.Contains);
        foreach (var slot in layout.SavedForward.Where(slot => Program.Slots[slot].Length == 1))
        {
            scalars.Add($"fr[{layout.Frame(slot)}] = {list.Of(slot).At("")};");
        }
        Leave("out", layout.OutputSize, Program.Loss, []);
        for (var k = 0; k < Program.Outputs.Length; k++) Leave("out", layout.Outputs[k], Program.Outputs[k].Slot, []);
        for (var k = 0; k < Program.States.Length; k++)
        {
            var isOwn = Program.States[k].Length > 1;
            Leave("next", layout.States[k], Program.States[k].Next, [new Access($"carry{k}", IsWrite: true, isOwn)]);
        }
        for (var k = 0; k < Program.Synapses.Length; k++)
        {
            if (layout.IsDense(k)) DenseForward.Advance(layout, k, list, writer);
        }
        foreach (var f in factored) f.Advance();
        writer.Each($"if (LID == 0) {{ {string.Join(' ', scalars)} }}", carries);
    }

    /// <summary>Writes a slot's value where the host, or the next step, finds it.</summary>
    private void Leave(string where, int at, int slot, Access[] write)
    {
        var home = list.Of(slot);
        if (Program.Slots[slot].Length == 1)
        {
            scalars.Add($"{where}[{at}] = {home.At("")};");
            carries.AddRange(write);
        }
        else
        {
            writer.Elements(Program.Slots[slot].Length, $"{where}[{at} + i] = {home.At("i")};", [.. home.Read(isOwn: true), .. write]);
        }
    }
}
