using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Gives every slot of a Program its place, and every instruction its placed operands.</summary>
internal sealed class SlotLayout
{
    private readonly StepProgram program;
    private readonly MatrixLayout[] matrices;
    private readonly int group;
    private readonly Place?[] places;

    /// <param name="program">The Program.</param>
    /// <param name="matrices">How the matrices of its synapses lie in memory.</param>
    /// <param name="group">Samples that run together.</param>
    public SlotLayout(StepProgram program, MatrixLayout[] matrices, int group)
    {
        (this.program, this.matrices, this.group) = (program, matrices, group);
        places = new Place?[program.Slots.Length];
        HashSet<int> pairs = [.. program.Synapses.SelectMany(s => s.Gradient).SelectMany(p => new[] { p.P, p.Q })];
        var data = new List<(string, Place)>();
        var constants = new List<(double, Place)>();
        for (var k = 0; k < program.Slots.Length; k++)
        {
            var slot = program.Slots[k];
            places[k] = slot.Source switch
            {
                Source.Parameter or Source.Constant => TakeShared(slot.Length),
                Source.Data or Source.State => TakeFrame(slot.Length),
                // A cotangent that is itself a pair's vector is read until the episode's end.
                Source.Cotangent when !pairs.Contains(k) => TakeScratch(slot.Length),
                _ when program.Kept[k] || pairs.Contains(k) => TakeFrame(slot.Length),
                _ => null,
            };
            if (slot.Source is Source.Data named)
            {
                data.Add((named.Item, places[k]!.Value));
            }
            else if (slot.Source is Source.Constant constant)
            {
                constants.Add((constant.Item, places[k]!.Value));
            }
        }
        (Data, Constants) = ([.. data], [.. constants]);
        Forward = PlaceList(program.Forward);
        Backward = PlaceList(program.Backward);
    }

    public (string, Place)[] Data { get; }

    public (double, Place)[] Constants { get; }

    public PlannedOperation[] Forward { get; }

    public PlannedOperation[] Backward { get; }

    /// <summary>Floats that each region takes.</summary>
    public int SharedSize { get; private set; }

    public int FrameSize { get; private set; }

    public int ScratchSize { get; private set; }

    /// <summary>The place of a slot.</summary>
    public Place At(int slot) => places[slot]!.Value;

    /// <summary>The place of a slot, if there is one.</summary>
    public Place? At(int? slot) => slot is { } found ? At(found) : null;

    private Place TakeShared(int length)
    {
        var place = new Place(Region.Shared, SharedSize, 0, length);
        SharedSize += Lanes.Padded(length);
        return place;
    }

    private Place TakeFrame(int length)
    {
        var place = new Place(Region.Frame, FrameSize, Lanes.Padded(length), length);
        FrameSize += Lanes.Padded(length) * group;
        return place;
    }

    private Place TakeScratch(int length)
    {
        var place = new Place(Region.Scratch, ScratchSize, Lanes.Padded(length), length);
        ScratchSize += Lanes.Padded(length) * group;
        return place;
    }

    /// <summary>Places an instruction list; scratch passes from a vector's last reader to later targets.</summary>
    private PlannedOperation[] PlaceList(Instruction[] instructions)
    {
        var free = new Dictionary<int, Stack<int>>();
        var placed = new PlannedOperation[instructions.Length];
        for (var i = 0; i < instructions.Length; i++)
        {
            var target = instructions[i].Target;
            var length = program.Slots[target].Length;
            places[target] ??= free.TryGetValue(Lanes.Padded(length), out var offsets) && offsets.TryPop(out var offset)
                ? new Place(Region.Scratch, offset, Lanes.Padded(length), length)
                : TakeScratch(length);

            placed[i] = PlaceOne(instructions[i].Operation, places[target]!.Value);
            foreach (var slot in instructions[i].LastReads)
            {
                var place = At(slot);
                if (place.Region != Region.Scratch)
                {
                    continue;
                }
                if (!free.TryGetValue(place.Stride, out var released))
                {
                    free[place.Stride] = released = new Stack<int>();
                }
                released.Push(place.Offset);
            }
        }
        return placed;
    }

    private PlannedOperation PlaceOne(Operation<int, int> operation, Place target)
    {
        SynapseProduct Product(int synapse, int operand, bool isTransposed) =>
            new(synapse, isTransposed != matrices[synapse].IsTransposed, At(operand), target, Saved: null);
        return operation switch
        {
            Operation<int, int>.Apply product => Product(product.matrix, product.x, isTransposed: false),
            Operation<int, int>.ApplyT product => Product(product.matrix, product.v, isTransposed: true),
            _ => new VectorOperation(operation.With(At, synapse => synapse), target),
        };
    }
}
