using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Gives every slot of a Program its place, and every instruction its operands: the making of a Plan.</summary>
internal sealed class PlanLayout
{
    private readonly StepProgram program;
    private readonly Place?[] places;
    private readonly HashSet<int> pairSlots;

    public PlanLayout(StepProgram program)
    {
        this.program = program;
        Group = GroupSize();
        places = new Place?[program.Slots.Length];
        pairSlots = [.. program.Synapses.SelectMany(s => s.Gradient).SelectMany(p => new[] { p.P, p.Q })];

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
                Source.Cotangent when !pairSlots.Contains(k) => TakeScratch(slot.Length),
                _ when program.Kept[k] || pairSlots.Contains(k) => TakeFrame(slot.Length),
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

        Data = [.. data];
        Constants = [.. constants];
        var forward = PlaceList(program.Forward);
        var backward = PlaceList(program.Backward);
        Synapses = PlaceSynapses();
        States = [.. program.States.Select(s =>
            new StatePlan(s.Name, s.Length, At(s.Entry), At(s.Next)!.Value, At(s.NextBar), At(s.EntryBar)))];
        var vectorOffset = 0;
        Vectors = [.. program.Vectors.Select(v =>
        {
            var plan = new VectorPlan(v.Parameter, At(v.Slot)!.Value, At(v.Gradient), vectorOffset);
            vectorOffset += Plan.Padded(plan.Value.Length);
            return plan;
        })];
        Outputs = [.. program.Outputs.Select(o => (o.Name, At(o.Slot)!.Value))];
        Loss = At(program.Loss)!.Value;
        Records = Match(forward, backward);
        Forward = forward;
        Backward = backward;
    }

    public int Group { get; }

    public (string, Place)[] Data { get; }

    public (double, Place)[] Constants { get; }

    public SynapsePlan[] Synapses { get; }

    public Record[] Records { get; }

    public StatePlan[] States { get; }

    public VectorPlan[] Vectors { get; }

    public Operation[] Forward { get; }

    public Operation[] Backward { get; }

    public (string, Place)[] Outputs { get; }

    public Place Loss { get; }

    public int SharedSize { get; private set; }

    public int FrameSize { get; private set; }

    public int ScratchSize { get; private set; }

    /// <summary>
    /// Samples that run together. A tile of a product takes four vectors, of four samples or of several pairs of fewer; a
    /// batch makes at least eight groups where it has eight samples, so that there is work for eight threads. Without
    /// plasticity more samples make better use of W. Where every F is stored, several samples' crowd the cache.
    /// </summary>
    private int GroupSize() =>
        !program.Synapses.Any(s => s.IsPlastic) ? 16
        : program.Synapses.Any(s => s.IsPlastic && !SynapsePlan.Implies(s, KeepsPerOutput(s))) ? 1
        : program.Batch >= 32 ? 4
        : program.Batch >= 16 ? 2 : 1;

    private Place? At(int? slot) => slot is { } found ? places[found] : null;

    private Place TakeShared(int length)
    {
        var place = new Place(Region.Shared, SharedSize, 0, length);
        SharedSize += Plan.Padded(length);
        return place;
    }

    private Place TakeFrame(int length)
    {
        var place = new Place(Region.Frame, FrameSize, Plan.Padded(length), length);
        FrameSize += Plan.Padded(length) * Group;
        return place;
    }

    private Place TakeScratch(int length)
    {
        var place = new Place(Region.Scratch, ScratchSize, Plan.Padded(length), length);
        ScratchSize += Plan.Padded(length) * Group;
        return place;
    }

    /// <summary>Places an instruction list; scratch is handed on from a vector's last reader to later targets.</summary>
    private Operation[] PlaceList(Instruction[] instructions)
    {
        var free = new Dictionary<int, Stack<int>>();
        var placed = new Operation[instructions.Length];
        for (var i = 0; i < instructions.Length; i++)
        {
            var target = instructions[i].Target;
            var length = program.Slots[target].Length;
            if (places[target] is null)
            {
                places[target] = free.TryGetValue(Plan.Padded(length), out var offsets) && offsets.TryPop(out var offset)
                    ? new Place(Region.Scratch, offset, Plan.Padded(length), length)
                    : TakeScratch(length);
            }

            placed[i] = PlaceOne(instructions[i].Compute, places[target]!.Value);
            foreach (var slot in instructions[i].LastReads)
            {
                var place = places[slot]!.Value;
                if (place.Region == Region.Scratch)
                {
                    if (!free.TryGetValue(place.Stride, out var offsets))
                    {
                        free[place.Stride] = offsets = new Stack<int>();
                    }
                    offsets.Push(place.Offset);
                }
            }
        }
        return placed;
    }

    private Operation PlaceOne(Compute compute, Place target)
    {
        Place Of(int slot) => places[slot]!.Value;
        return compute switch
        {
            Compute.Map c => new Operation(Kind.Map, target, Of(c.x), default) { Unary = c.Item1 },
            Compute.Zip c => new Operation(Kind.Zip, target, Of(c.a), Of(c.b)) { Binary = c.Item1 },
            Compute.Sum c => new Operation(Kind.Sum, target, Of(c.x), default),
            Compute.Dot c => new Operation(Kind.Dot, target, Of(c.a), Of(c.b)),
            Compute.Broadcast c => new Operation(Kind.Broadcast, target, Of(c.x), default),
            Compute.Slice c => new Operation(Kind.Slice, target, Of(c.x), default) { Start = c.start },
            Compute.Concat c => new Operation(Kind.Concat, target, default, default)
            {
                Pieces = Array.ConvertAll(c.pieces, Of),
            },
            Compute.Apply c => new Operation(Turns(c.synapse) ? Kind.ApplyT : Kind.Apply, target, Of(c.x), default)
            {
                Synapse = c.synapse,
            },
            Compute.ApplyT c => new Operation(Turns(c.synapse) ? Kind.Apply : Kind.ApplyT, target, Of(c.v), default)
            {
                Synapse = c.synapse,
            },
            _ => throw new InvalidOperationException($"the engine has no operation for {compute}"),
        };
    }

    private bool Turns(int synapse) => Turns(program.Synapses[synapse]);

    private bool Turns(ProgramSynapse s) => SynapsePlan.Turns(s.Matrix, KeepsPerOutput(s));

    private bool KeepsPerOutput(ProgramSynapse s) => s.Update.IsSome && program.Slots[s.Update.Value.Operands.Keep].Length > 1;

    private SynapsePlan[] PlaceSynapses()
    {
        int matrixOffset = 0, turnedOffset = 0, fastOffset = 0;
        return [.. program.Synapses.Select((s, index) =>
        {
            var turns = Turns(s);
            var update = s.Update.IsSome ? s.Update.Value : null;
            var (operands, bars) = (update?.Operands, update?.Bars);
            var eligibility = operands is { Eligibility.IsSome: true } ? operands.Eligibility.Value : null;
            var eligibilityBars = bars is { Eligibility.IsSome: true } ? bars.Eligibility.Value : null;
            Pair<T> Turned<T>(Pair<T> p) => turns ? new Pair<T>(p.Q, p.P) : p;
            PairPlace[] Places(Pair<int>[] pairs) =>
                Array.ConvertAll(Array.ConvertAll(pairs, Turned<int>), p => new PairPlace(At(p.P)!.Value, At(p.Q)!.Value));
            var plan = new SynapsePlan(s, index, KeepsPerOutput(s))
            {
                MatrixOffset = matrixOffset,
                FastOffset = s.IsPlastic ? fastOffset : -1,
                TurnedOffset = turnedOffset,
                Keep = At(operands?.Keep) ?? default,
                Rate = At(operands?.Rate) ?? default,
                EligibilityKeep = At(eligibility?.Keep) ?? default,
                EligibilityRate = At(eligibility?.Rate) ?? default,
                Pairs = Places(operands?.Pairs ?? []),
                KeepBar = At(bars?.Keep),
                RateBar = At(bars?.Rate),
                EligibilityKeepBar = At(eligibilityBars?.Keep),
                EligibilityRateBar = At(eligibilityBars?.Rate),
                PairBars = Array.ConvertAll(Array.ConvertAll(bars?.Pairs ?? [], Turned<int?>), p => (At(p.P), At(p.Q))),
                Gradient = Array.ConvertAll(Places(s.Gradient), pair => new GradientPlan(pair, -1, -1)),
            };
            matrixOffset += plan.Size;
            turnedOffset += plan.Stride * plan.Height;
            fastOffset = checked(fastOffset + (s.IsPlastic ? plan.StateSize * Group : 0));
            return plan;
        })];
    }

    /// <summary>
    /// Finds for each pair that a step adds to F̄ the products with its vectors that the two lists compute anyway: that of the
    /// value forward and that of its cotangent backward.
    /// </summary>
    private Record[] Match(Operation[] forward, Operation[] backward)
    {
        var records = new List<Record>();
        int Find(Operation[] list, SynapsePlan s, Kind kind, Place operand)
        {
            var at = Array.FindIndex(list, o => o.Synapse == s.Index && o.Kind == kind && o.A == operand);
            if (at < 0)
            {
                return -1;
            }
            if (list[at].Record < 0)
            {
                list[at] = list[at] with { Record = records.Count };
                records.Add(new Record(s.Index, list == forward, kind == Kind.Apply ? s.Stride : s.Height));
            }
            return list[at].Record;
        }
        foreach (var s in Synapses)
        {
            if (s.IsImplied)
            {
                s.Gradient = Array.ConvertAll(s.Gradient, g =>
                {
                    var applied = Find(forward, s, Kind.Apply, g.Pair.P);
                    var appliedT = applied >= 0 ? -1 : Find(forward, s, Kind.ApplyT, g.Pair.Q);
                    return g with
                    {
                        Applied = applied >= 0 ? applied : Find(backward, s, Kind.Apply, g.Pair.P),
                        AppliedT = appliedT >= 0 ? appliedT : Find(backward, s, Kind.ApplyT, g.Pair.Q),
                    };
                });
            }
        }
        return [.. records];
    }
}
