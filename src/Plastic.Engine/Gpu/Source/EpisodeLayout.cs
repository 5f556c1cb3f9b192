using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Where everything lies in the buffers of a device, all in floats: what one step, one sample or all samples take. Follows from the
/// Program alone.
/// </summary>
internal sealed class EpisodeLayout
{
    private readonly int[] frame;
    private readonly Dictionary<string, int> data = [];
    private readonly FactoredLayout?[] factored;
    private readonly int[] traces, eligibilities, seen;
    private readonly bool[] holdsTransposed;

    /// <param name="program">The Program.</param>
    /// <param name="factors">Whether fast weights are held by their factors where they can be; all are dense otherwise.</param>
    public EpisodeLayout(StepProgram program, bool factors = true)
    {
        Program = program;
        Parameters = Offsets(program.Parameters.Select(p => p.Size), out var parameterSize);
        ParameterSize = parameterSize;
        foreach (var slot in program.Slots)
        {
            if (slot.Source is Source.Data named && data.TryAdd(named.Item, DataSize)) DataSize += slot.Length;
        }
        DataLengths = [.. data.Keys.Select(name =>
            (name, program.Slots.First(slot => slot.Source is Source.Data named && named.Item == name).Length))];
        States = Offsets(program.States.Select(s => s.Length), out var stateSize);
        StateSize = stateSize;
        Outputs = Offsets(program.Outputs.Select(o => program.Slots[o.Slot].Length), out var outputSize);
        OutputSize = outputSize;
        Inputs = Offsets(program.Inputs.Select(i => i.Length), out var inputSize);
        InputSize = inputSize;
        var isFactored = Array.ConvertAll(program.Synapses, s => factors && FactoredLayout.Suits(program, s));
        holdsTransposed = [.. program.Synapses.Select((s, k) => s.IsPlastic && !isFactored[k] && ReadsRows(k))];
        var sizes = Array.ConvertAll(program.Synapses, s => s.IsPlastic ? s.Matrix.Rows * s.Matrix.Columns : 0);
        var dense = sizes.Select((size, k) => isFactored[k] ? 0 : size).ToArray();
        var copies = dense.Select((size, k) => holdsTransposed[k] ? 2 * size : size).ToArray();
        traces = Offsets(copies, out var traceSize);
        eligibilities = Offsets(copies.Select((size, k) => program.Synapses[k].HasEligibility ? size : 0), out var eligibilitySize);
        (eligibilities, FastSize) = (Array.ConvertAll(eligibilities, at => traceSize + at), traceSize + eligibilitySize);
        AlphaBars = Offsets(dense.Select((size, k) => TrainsAlpha(program.Synapses[k]) ? size : 0), out var alphaSize);
        (AlphaBars, BarSize) = (Array.ConvertAll(AlphaBars, at => FastSize + at), FastSize + alphaSize);
        seen = Offsets(sizes, out var seenSize);
        SeenSize = seenSize;

        frame = new int[program.Slots.Length];
        Array.Fill(frame, -1);
        var forward = program.Forward.Select(x => x.Target).ToHashSet();
        SavedForward = [.. ReadBackward().Where(slot => forward.Contains(slot) || program.Slots[slot].Source is Source.State).Distinct()];
        SavedBackward = [.. Settled().Where(slot =>
            program.Slots[slot].Source is Source.Cotangent || (program.Slots[slot].Source.IsComputed && !forward.Contains(slot))).Distinct()];
        foreach (var slot in SavedForward.Concat(SavedBackward))
        {
            frame[slot] = FrameSize;
            FrameSize += program.Slots[slot].Length;
        }
        factored = new FactoredLayout?[program.Synapses.Length];
        for (var k = 0; k < factored.Length; k++)
        {
            if (!isFactored[k]) continue;
            factored[k] = new FactoredLayout(program, k, StartSize, FrameSize);
            StartSize += 2 * program.Synapses[k].Matrix.Rows * program.Synapses[k].Matrix.Columns;
            FrameSize += factored[k]!.FrameSize;
        }
    }

    public StepProgram Program { get; }

    /// <summary>Where each parameter starts among all.</summary>
    public int[] Parameters { get; }

    public int ParameterSize { get; }

    /// <summary>The data of a step by name, in the order in which they lie.</summary>
    public (string Name, int Length)[] DataLengths { get; }

    public int DataSize { get; }

    public int[] States { get; }

    public int StateSize { get; }

    public int[] Outputs { get; }

    /// <summary>All outputs of a step, without the loss, which comes after them.</summary>
    public int OutputSize { get; }

    public int[] Inputs { get; }

    public int InputSize { get; }

    /// <summary>Floats of all that a sample carries of dense synapses; their cotangents lie alike.</summary>
    public int FastSize { get; }

    /// <summary>By dense synapse: ᾱ of a sample, among its cotangents.</summary>
    public int[] AlphaBars { get; }

    public int BarSize { get; }

    /// <summary>Floats of a step's frame: what later kernels read of a step.</summary>
    public int FrameSize { get; }

    /// <summary>The slots that the forward kernel leaves in the frame, and those that the backward kernel does.</summary>
    public int[] SavedForward { get; }

    public int[] SavedBackward { get; }

    /// <summary>Floats of the fast weights that are stored where a chunk starts, each plain and transposed.</summary>
    public int StartSize { get; }

    /// <summary>What a factored synapse keeps and where; null for others.</summary>
    public FactoredLayout? Factored(int synapse) => factored[synapse];

    /// <summary>The factored synapses.</summary>
    public IEnumerable<FactoredLayout> AllFactored => factored.OfType<FactoredLayout>();

    /// <summary>Whether a synapse's fast weights are held as a matrix at every step.</summary>
    public bool IsDense(int synapse) => Program.Synapses[synapse].IsPlastic && factored[synapse] is null;

    /// <summary>Whether a dense synapse's matrices are held transposed too, since a product or a cotangent reads rows.</summary>
    public bool HoldsTransposed(int synapse) => holdsTransposed[synapse];

    /// <summary>Where F of a dense synapse, or its trace, lies among all that a sample carries.</summary>
    public int Trace(int synapse, bool isTransposed) => traces[synapse] + (isTransposed ? Size(synapse) : 0);

    /// <summary>Where the eligibility trace of a dense synapse lies among all that a sample carries.</summary>
    public int Eligibility(int synapse, bool isTransposed) => eligibilities[synapse] + (isTransposed ? Size(synapse) : 0);

    /// <summary>Where F of a synapse lies among those that the host reads after a step.</summary>
    public int Seen(int synapse) => seen[synapse];

    /// <summary>Floats of all F of a sample.</summary>
    public int SeenSize { get; }

    /// <summary>Where a slot lies in the frame; below 0 for one that has no room there.</summary>
    public int Frame(int slot) => frame[slot];

    /// <summary>Where data of a step lie.</summary>
    public int Data(string name) => data[name];

    /// <summary>Where a vector parameter starts.</summary>
    public int Vector(string name) => Parameters[Array.FindIndex(Program.Parameters, p => p.Name == name)];

    /// <summary>Whether ᾱ of a synapse is asked for.</summary>
    public bool TrainsAlpha(ProgramSynapse s) => s.IsPlastic && s.Alpha is { } alpha && Program.Parameters[alpha].Trained;

    /// <summary>Declares d and fr, the data and the frame of a sample's step, in C.</summary>
    public string Pointers(string sample, string step) =>
        $"GLOBAL const float* d = data + ((wide){sample} * steps + {step}) * {DataSize}; "
        + $"GLOBAL const float* fr = frames + ((wide){sample} * steps + {step}) * {FrameSize};";

    /// <summary>
    /// Where the value of a slot is found that lies in memory for all of a step: in the data d, the parameters, or the frame fr.
    /// </summary>
    public Home InMemory(int slot) => Program.Slots[slot].Source switch
    {
        Source.Data named => new Fixed("d", Data(named.Item)),
        Source.Parameter named => new Fixed("par", Vector(named.Item)),
        Source.Constant constant => Home.Literal(constant.Item),
        _ when frame[slot] >= 0 => new Fixed("fr", frame[slot]),
        _ => throw new InvalidOperationException($"slot {slot} is read before it is written"),
    };

    private int Size(int synapse) => Program.Synapses[synapse].Matrix.Rows * Program.Synapses[synapse].Matrix.Columns;

    private bool ReadsRows(int synapse) =>
        Program.Forward.Concat(Program.Backward).Any(x => x.Operation is Operation<int, int>.ApplyT product && product.matrix == synapse)
        || Program.Synapses[synapse].Update.Value.Bars.Pairs.Any(pair => pair.P is { } slot && Program.Slots[slot].Length > 1);

    /// <summary>What the gradients are summed from.</summary>
    private IEnumerable<int> Settled() =>
        Program.Synapses.SelectMany(s => s.Gradient).SelectMany(pair => new[] { pair.P, pair.Q })
            .Concat(Program.Vectors.Select(v => v.Gradient).OfType<int>());

    private IEnumerable<int> ReadBackward() =>
        Program.Backward.SelectMany(x => x.Operation.Operands)
            .Concat(Program.Synapses.Where(s => s.IsPlastic).SelectMany(s => s.Update.Value.Operands.All))
            .Concat(Settled())
            .Concat(Program.States.Select(s => s.EntryBar).OfType<int>())
            .Concat(Program.Inputs.Select(i => i.Bar).OfType<int>());

    private static int[] Offsets(IEnumerable<int> sizes, out int total)
    {
        var at = 0;
        int[] offsets = [.. sizes.Select(size => (at += size) - size)];
        total = at;
        return offsets;
    }
}
