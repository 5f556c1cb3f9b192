using Plastic.Core;

namespace Plastic.Engine;

/// <summary>What enters a step besides parameters: the batch's data and the states; and, backward, the states' cotangents.</summary>
internal static unsafe class StepStates<V> where V : struct, ILanes<V>
{
    /// <summary>Fills the frame of step t with the batch's data, and with the states that step t − 1 left.</summary>
    public static void Load(in GroupContext run, Batch batch, int t)
    {
        foreach (var (name, place) in run.Plan.Data)
        {
            for (var g = 0; g < run.Count; g++)
            {
                var given = batch.Read(name, run.First + g, t).AsSpan();
                var to = run.At(place, g);
                for (var i = 0; i < given.Length; i++)
                {
                    to[i] = (float)given[i];
                }
            }
        }
        foreach (var state in run.Plan.States)
        {
            if (state.Entry is { } entry)
            {
                for (var g = 0; g < run.Count; g++)
                {
                    if (t == 0)
                    {
                        GroupContext.Clear(run.At(entry, g), entry.Stride);
                    }
                    else
                    {
                        Elementwise<V>.Copy(run.At(entry, g), run.At(state.Next, g, t - 1), state.Length);
                    }
                }
            }
        }
    }

    /// <summary>Nothing depends on the states that the last step leaves.</summary>
    public static void ClearBars(in GroupContext run)
    {
        foreach (var state in run.Plan.States)
        {
            if (state.NextBar is { } bar)
            {
                run.Clear(bar);
            }
        }
    }

    /// <summary>
    /// The cotangents of the states at the entry of step t become those of the states that step t − 1 leaves; by way of a copy if one
    /// state's cotangent is another's.
    /// </summary>
    public static void CarryBars(in GroupContext run, int t)
    {
        var copies = run.Workspace.StateBars;
        if (run.Plan.SharesStateBars)
        {
            var at = copies;
            foreach (var state in run.Plan.States)
            {
                for (var g = 0; g < run.Count; g++, at += Lanes.Padded(state.Length))
                {
                    if (state is { NextBar: not null, EntryBar: { } entry })
                    {
                        Elementwise<V>.Copy(at, run.At(entry, g), state.Length);
                    }
                }
            }
        }
        foreach (var state in run.Plan.States)
        {
            for (var g = 0; g < run.Count; g++, copies += Lanes.Padded(state.Length))
            {
                if (state.NextBar is { } next)
                {
                    if (state.EntryBar is { } entry)
                    {
                        Elementwise<V>.Copy(
                            run.At(next, g, t - 1), run.Plan.SharesStateBars ? copies : run.At(entry, g), state.Length);
                    }
                    else
                    {
                        GroupContext.Clear(run.At(next, g, t - 1), next.Stride);
                    }
                }
            }
        }
    }
}
