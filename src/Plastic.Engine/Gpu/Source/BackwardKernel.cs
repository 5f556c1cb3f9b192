using System.Text;
using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Writes the kernel that runs the episodes backward, one group for each sample: for every step the adjoints of the updates, the
/// backward list, and the pairs into the cotangents of the fast weights.
/// </summary>
internal sealed class BackwardKernel
{
    private readonly EpisodeLayout layout;
    private readonly KernelWriter writer = new();
    private readonly ListCode list;
    private readonly StringBuilder variables = new();

    private readonly DenseBackward[] dense;
    private readonly FactoredBackward[] factored;

    private BackwardKernel(EpisodeLayout layout)
    {
        (this.layout, list) = (layout, new ListCode(layout, writer));
        dense = [.. Enumerable.Range(0, Program.Synapses.Length).Where(layout.IsDense).Select(k => new DenseBackward(layout, k, list, writer))];
        factored = [.. layout.AllFactored.Select(f => new FactoredBackward(layout, f, list, writer))];
        foreach (var f in factored)
        {
            list.Factored[f.Code.Layout.Index] = f.Code;
            variables.Append(f.Variables);
        }
    }

    private StepProgram Program => layout.Program;

    /// <summary>The kernel.</summary>
    /// <param name="layout">Where everything lies.</param>
    /// <param name="localFloats">Floats of local memory that it may use.</param>
    public static KernelText Write(EpisodeLayout layout, int localFloats)
    {
        var kernel = new BackwardKernel(layout);
        var (entering, stepping, leaving) = Section.Looped(
            kernel.writer, kernel.Enter, kernel.Step, () => Array.ForEach(kernel.factored, f => f.Leave()));
        return KernelText.Of(
            "backward",
            "GLOBAL const float* RESTRICT par, GLOBAL const float* RESTRICT parT, GLOBAL const float* RESTRICT data, GLOBAL float* frames, GLOBAL float* fasts, "
            + "GLOBAL const float* starts, GLOBAL float* bars, GLOBAL float* startBars, GLOBAL float* inputBars, GLOBAL float* scratch, "
            + "int steps, int chunk",
            kernel.writer, localFloats,
            $$"""
            {{kernel.variables}}    GLOBAL float* bar = bars + (wide)GID * {{layout.BarSize}};
                for (int k = LID; k < {{layout.BarSize}}; k += SIZE) bar[k] = 0.0f;
                BAR();
                GLOBAL float* startBar = startBars + (wide)GID * {{layout.StartSize}};
                int chunks = (steps + chunk - 1) / chunk;
                for (int begin = (chunks - 1) * chunk; begin >= 0; begin -= chunk) {
                    int end = begin + chunk < steps ? begin + chunk : steps;
                    GLOBAL const float* f0 = starts + ((wide)GID * chunks + begin / chunk) * {{layout.StartSize}};
            {{entering}}        for (int t = end - 1; t >= begin; t--) {
                    int n = t - begin;
                    GLOBAL const float* d = data + ((wide)GID * steps + t) * {{layout.DataSize}};
                    GLOBAL float* fr = frames + ((wide)GID * steps + t) * {{layout.FrameSize}};
                    GLOBAL const float* f = fasts + ((wide)GID * (chunks + chunk) + (n == 0 ? begin / chunk : chunks + n)) * {{layout.FastSize}};
                    GLOBAL float* given = inputBars + ((wide)GID * steps + t) * {{layout.InputSize}};
            {{stepping}}        }
            {{leaving}}    }

            """);
    }

    private void Enter()
    {
        foreach (var s in dense) s.Enter();
        foreach (var f in factored) f.Enter();
    }

    private void Step()
    {
        var carried = new string[Program.States.Length];
        for (var k = 0; k < carried.Length; k++)
        {
            if (Program.States[k].NextBar is { } bar) carried[k] = Enter(k, bar);
        }
        var sums = new List<(string, string)>();
        var sumsOf = new List<int>();
        foreach (var s in dense) s.Advance(sums, sumsOf);
        foreach (var f in factored) f.Advance(sums, sumsOf);
        writer.Sum(sums);
        sumsOf.ForEach(list.SetScalar);
        HashSet<int> later =
        [
            .. Program.Synapses.SelectMany(s => s.Gradient).SelectMany(pair => new[] { pair.P, pair.Q }),
            .. Program.States.Select(s => s.EntryBar).OfType<int>(), .. Program.Inputs.Select(i => i.Bar).OfType<int>(),
        ];
        var scalars = new List<string>();
        foreach (var slot in layout.SavedBackward)
        {
            if (Program.Slots[slot].Source is Source.Cotangent) list.Save(slot);
        }
        list.Write(Program.Backward, later.Contains);
        foreach (var slot in layout.SavedBackward.Where(slot => Program.Slots[slot].Length == 1))
        {
            scalars.Add($"fr[{layout.Frame(slot)}] = {list.Of(slot).At("")};");
        }
        GiveInputs(scalars);
        foreach (var s in dense) s.AddPairs();
        foreach (var f in factored) f.AddPairs();
        for (var k = 0; k < carried.Length; k++)
        {
            if (carried[k] is { } to) Leave(Program.States[k], to);
        }
        if (scalars.Count > 0) writer.Each($"if (LID == 0) {{ {string.Join(' ', scalars)} }}");
    }

    /// <summary>Gives the cotangent of a next state its value, from what the later step left.</summary>
    private string Enter(int state, int bar)
    {
        var length = Program.States[state].Length;
        if (length == 1)
        {
            variables.Append($"    float carried{state} = 0.0f;\n");
            list.Set(bar, $"carried{state}");
            return $"carried{state}";
        }
        var place = new Placed(writer.Places.Take(length));
        list.Set(bar, $"t == steps - 1 ? 0.0f : {place.At("i")}", place.Read(isOwn: true));
        return place.Place;
    }

    /// <summary>Leaves the cotangent of a state at entry for the earlier step.</summary>
    private void Leave(ProgramState state, string to)
    {
        var value = state.EntryBar is { } bar ? list.Of(bar) : Home.Literal(0);
        if (state.Length == 1)
        {
            writer.Each($"{to} = {value.At("")};");
        }
        else
        {
            var place = new Placed(to);
            writer.Elements(state.Length, $"{place.At("i")} = {value.At("i")};", [.. value.Read(isOwn: true), place.Write]);
        }
    }

    /// <summary>Gives the cotangents of data to who asked for them.</summary>
    private void GiveInputs(List<string> scalars)
    {
        for (var k = 0; k < Program.Inputs.Length; k++)
        {
            var home = Program.Inputs[k].Bar is { } bar ? list.Of(bar) : Home.Literal(0);
            if (Program.Inputs[k].Length == 1) scalars.Add($"given[{layout.Inputs[k]}] = {home.At("")};");
            else writer.Elements(Program.Inputs[k].Length, $"given[{layout.Inputs[k]} + i] = {home.At("i")};", home.Read(isOwn: true));
        }
    }
}
