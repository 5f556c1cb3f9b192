using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// A list of instructions in phases: all the elementwise work that is ready, then all products, sums and rearrangements that are ready,
/// so that few barriers serve many of them. Instructions are only reordered, so no result changes.
/// </summary>
internal static class Schedule
{
    /// <summary>The phases, elementwise ones and others in turn as they come.</summary>
    public static List<Instruction[]> Of(StepProgram program, Instruction[] list)
    {
        var left = list.ToList();
        HashSet<int> open = [.. list.Select(instruction => instruction.Target)];
        var phases = new List<Instruction[]>();
        while (left.Count > 0)
        {
            var phase = new List<Instruction>();
            var length = 0;
            while (Next() is { } next)
            {
                Move(next);
                length = program.Slots[next.Target].Length;
            }
            if (phase.Count > 0) phases.Add([.. phase]);
            phase.Clear();
            foreach (var ready in left.Where(x => IsReady(x) && !IsElementwise(program, x)).ToArray())
            {
                phase.Add(ready);
                left.Remove(ready);
            }
            foreach (var done in phase) open.Remove(done.Target);
            if (phase.Count > 0) phases.Add([.. phase]);

            // Scalars first, since they end a loop over elements; then what shares the last one's loop.
            Instruction? Next() =>
                left.Find(x => IsReady(x) && IsElementwise(program, x) && program.Slots[x.Target].Length == 1)
                ?? left.Find(x => IsReady(x) && IsElementwise(program, x) && program.Slots[x.Target].Length == length)
                ?? left.Find(x => IsReady(x) && IsElementwise(program, x));

            void Move(Instruction instruction)
            {
                phase.Add(instruction);
                left.Remove(instruction);
                open.Remove(instruction.Target);
            }
        }
        return phases;

        bool IsReady(Instruction x) => !x.Operation.Operands.Any(open.Contains);
    }

    /// <summary>Whether each thread can compute its own elements from its own elements and from scalars.</summary>
    public static bool IsElementwise(StepProgram program, Instruction instruction) => instruction.Operation switch
    {
        Operation<int, int>.Map or Operation<int, int>.Zip or Operation<int, int>.Broadcast => true,
        Operation<int, int>.Apply or Operation<int, int>.ApplyT => false,
        var other => other.Operands.All(slot => program.Slots[slot].Length == 1),
    };
}
