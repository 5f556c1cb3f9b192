using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Writes a list of instructions, phase by phase, and says where the values of its slots are.</summary>
internal sealed class ListCode
{
    private readonly EpisodeLayout layout;
    private readonly KernelWriter writer;
    private readonly Dictionary<int, Home> homes = [];

    public ListCode(EpisodeLayout layout, KernelWriter writer) => (this.layout, this.writer) = (layout, writer);

    /// <summary>How products with the factored synapses are written.</summary>
    public Dictionary<int, FactoredCode> Factored { get; } = [];

    private StepProgram Program => layout.Program;

    /// <summary>Where the value of a slot is; what lies in memory is found there.</summary>
    public Home Of(int slot)
    {
        if (homes.TryGetValue(slot, out var home)) return home;
        home = layout.InMemory(slot);
        if (home is Fixed && Program.Slots[slot].Length == 1)
        {
            writer.Each($"float s{slot} = {home.At("0")};");
            home = new Register($"s{slot}");
        }
        return homes[slot] = home;
    }

    /// <summary>Gives a slot that no instruction computes its value: an expression for element i.</summary>
    public void Set(int slot, string value, params IEnumerable<Access> reads)
    {
        var length = Program.Slots[slot].Length;
        if (length == 1)
        {
            writer.Each($"float s{slot} = {value};", reads);
            SetScalar(slot);
        }
        else
        {
            var place = Place(slot);
            writer.Elements(length, $"{place.At("i")} = {value};", [.. reads, place.Write]);
        }
    }

    /// <summary>Says that the scalar of a slot has been declared.</summary>
    public void SetScalar(int slot) => homes[slot] = new Register($"s{slot}");

    /// <summary>Leaves a vector in the frame, where later kernels read it, if it has room there. Scalars are left at the end of a step.</summary>
    public void Save(int slot)
    {
        if (Program.Slots[slot].Length == 1 || layout.Frame(slot) < 0) return;
        var home = Of(slot);
        writer.Elements(Program.Slots[slot].Length, $"fr[{layout.Frame(slot)} + i] = {home.At("i")};", home.Read(isOwn: true));
    }

    /// <summary>The place of a vector that is about to be written.</summary>
    public Placed Place(int slot)
    {
        var place = new Placed(writer.Places.Take(Program.Slots[slot].Length));
        homes[slot] = place;
        return place;
    }

    /// <summary>Writes the list. Places are handed on behind a phase, except those of slots that are read later.</summary>
    /// <param name="list">The instructions.</param>
    /// <param name="isReadLater">Whether a slot is read after the list.</param>
    public void Write(Instruction[] list, Func<int, bool> isReadLater)
    {
        var phases = Schedule.Of(Program, list);
        var lastRead = new Dictionary<int, int>();
        for (var k = 0; k < phases.Count; k++)
        {
            foreach (var x in phases[k])
            {
                lastRead.TryAdd(x.Target, k);
                foreach (var slot in x.Operation.Operands) lastRead[slot] = k;
            }
        }
        for (var k = 0; k < phases.Count; k++)
        {
            var sums = new List<(string, string)>();
            var scalars = new List<int>();
            foreach (var x in phases[k])
            {
                if (Schedule.IsElementwise(Program, x)) Elementwise(x);
                else if (x.Operation is Operation<int, int>.Slice slice) Slice(x.Target, slice);
                else if (x.Operation is Operation<int, int>.Concat concat) Concat(x.Target, concat.pieces);
                else if (Program.Slots[x.Target].Length > 1) Product(x);
                else
                {
                    sums.Add((Part(x), $"float s{x.Target} = "));
                    scalars.Add(x.Target);
                    continue;
                }
                Save(x.Target);
            }
            writer.Sum(sums);
            scalars.ForEach(SetScalar);
            foreach (var (slot, last) in lastRead)
            {
                if (last == k && !isReadLater(slot) && homes.GetValueOrDefault(slot) is Placed placed) writer.Places.Release(placed.Place);
            }
        }
    }

    private void Elementwise(Instruction x)
    {
        var operands = Array.ConvertAll(x.Operation.Operands, Of);
        var a = operands[0].At("i");
        var value = x.Operation switch
        {
            Operation<int, int>.Map map => DeviceFunctions.Map(map.f, a),
            Operation<int, int>.Zip zip => DeviceFunctions.Zip(zip.f, a, operands[1].At("i")),
            Operation<int, int>.Dot => $"{a} * {operands[1].At("i")}",
            // A sum of one element, a slice of it, a repeated scalar; or a sequence of scalars.
            Operation<int, int>.Concat { pieces.Length: > 1 } => Chosen(operands),
            _ => a,
        };
        Set(x.Target, value, operands.SelectMany(home => home.Read(isOwn: true)));
    }

    private static string Chosen(Home[] scalars)
    {
        var text = scalars[^1].At("i");
        for (var k = scalars.Length - 2; k >= 0; k--) text = $"(i == {k} ? {scalars[k].At("i")} : {text})";
        return text;
    }

    private void Slice(int target, Operation<int, int>.Slice slice)
    {
        var (from, isVector) = (Of(slice.x), Program.Slots[target].Length > 1);
        Set(target, from.At($"({slice.start} + {(isVector ? "i" : "0")})"), from.Read(isOwn: isVector && IsOwn(slice.start)));
    }

    private void Concat(int target, int[] pieces)
    {
        var homesOf = Array.ConvertAll(pieces, Of);
        var (start, place) = (Program.Slots[target].Length, Place(target));
        var text = "";
        var reads = new List<Access>();
        for (var k = pieces.Length - 1; k >= 0; k--)
        {
            start -= Program.Slots[pieces[k]].Length;
            reads.AddRange(homesOf[k].Read(IsOwn(start)));
            var value = homesOf[k].At($"(i - {start})");
            text = text.Length == 0 ? value : $"(i < {start + Program.Slots[pieces[k]].Length} ? {value} : {text})";
        }
        writer.Elements(
            Program.Slots[target].Length, $"{place.At("i")} = {text};",
            [.. reads, place.Write]);
    }

    /// <summary>Whether the elements that lie so far apart are the same thread's.</summary>
    private static bool IsOwn(int apart) => apart % Prelude.GroupSize == 0;

    /// <summary>A product with a synapse whose result is a vector: a chain of multiply-adds for each element.</summary>
    private void Product(Instruction x)
    {
        var (synapse, operand, isTransposed) = Product(x.Operation);
        var (m, from) = (Program.Synapses[synapse].Matrix, Of(operand));
        var place = Place(x.Target);
        if (Factored.TryGetValue(synapse, out var factored))
        {
            factored.Product(operand, from, isTransposed, place);
            return;
        }
        var (count, width) = isTransposed ? (m.Columns, m.Rows) : (m.Rows, m.Columns);
        writer.Walk(new Walk(width, count, $"a = FMA({from.At("r")}, {Weight(synapse, isTransposed, "k")}, a);")
        {
            Sums = ["a"],
            After = $"{place.At("i")} = a;",
            Reads = from.Read(isOwn: false),
            Matrices = ReadFast(synapse, isTransposed, isOwn: true),
            Then = [place.Write],
        });
    }

    /// <summary>W + F of a connection of a synapse that is not factored, or of the transpose.</summary>
    private string Weight(int synapse, bool isTransposed, string k)
    {
        var s = Program.Synapses[synapse];
        var from = isTransposed ? "parT" : "par";
        var weight = $"{from}[{layout.Parameters[s.Weight]} + {k}]";
        if (!s.IsPlastic) return weight;
        var fast = $"f[{layout.Trace(synapse, isTransposed)} + {k}]";
        return s.Bound.IsOnTrace && s.Alpha is { } alpha
            ? $"FMA({from}[{layout.Parameters[alpha]} + {k}], {fast}, {weight})"
            : $"({weight} + {fast})";
    }

    /// <summary>What reading the fast weights touches: each thread its own outputs, where a walk is down columns.</summary>
    private IEnumerable<Access> ReadFast(int synapse, bool isTransposed, bool isOwn) =>
        layout.IsDense(synapse) ? [new($"F{synapse}{(isTransposed ? "T" : "")}", IsWrite: false, isOwn)] : [];

    /// <summary>Declares each thread's part of a sum, and names it.</summary>
    private string Part(Instruction x)
    {
        var name = $"r{x.Target}";
        string a, b;
        int length;
        Access[] reads;
        switch (x.Operation)
        {
            case Operation<int, int>.Sum sum:
                (a, b, length) = (Of(sum.x).At("i"), "1.0f", Program.Slots[sum.x].Length);
                reads = [.. Of(sum.x).Read(isOwn: true)];
                break;
            case Operation<int, int>.Dot dot:
                (a, b, length) = (Of(dot.a).At("i"), Of(dot.b).At("i"), Program.Slots[dot.a].Length);
                reads = [.. Of(dot.a).Read(isOwn: true), .. Of(dot.b).Read(isOwn: true)];
                break;
            default:
                var (synapse, operand, isTransposed) = Product(x.Operation);
                var m = Program.Synapses[synapse].Matrix;
                // One output of many inputs, or, transposed, one input of many outputs: the matrix is a row of numbers.
                (a, b, length) = (Of(operand).At("i"), Weight(synapse, isTransposed: false, "i"), isTransposed ? m.Columns : m.Rows);
                reads = [.. Of(operand).Read(isOwn: true), .. ReadFast(synapse, isTransposed: false, isOwn: isTransposed)];
                break;
        }
        writer.Each(
            $"float {name} = 0.0f; for (int i = LID; i < {length}; i += SIZE) {name} = FMA({a}, {b}, {name});", reads);
        return name;
    }

    private static (int Synapse, int Operand, bool IsTransposed) Product(Operation<int, int> operation) => operation switch
    {
        Operation<int, int>.Apply product => (product.matrix, product.x, false),
        Operation<int, int>.ApplyT product => (product.matrix, product.v, true),
        _ => throw new NotSupportedException($"{operation.Name} has no code for devices"),
    };
}
