namespace Plastic.Engine;

/// <summary>Statements that a kernel runs as a whole.</summary>
/// <param name="Text">In C, with barriers between them.</param>
/// <param name="HasBarrier">Whether there is one.</param>
/// <param name="Before">What they touch before the first barrier, or at all.</param>
/// <param name="After">What they touch after the last barrier, or at all.</param>
internal sealed record Section(string Text, bool HasBarrier, Access[] Before, Access[] After)
{
    /// <summary>
    /// The three sections of a kernel: a loop over chunks of enter, a loop over steps, leave; each with a barrier in front where one is needed,
    /// by the same analysis as within them.
    /// </summary>
    /// <param name="writer">Has written nothing else.</param>
    /// <param name="enter">Writes what is done where a chunk is entered.</param>
    /// <param name="step">Writes a step.</param>
    /// <param name="leave">Writes what is done where a chunk is left.</param>
    public static (string Enter, string Step, string Leave) Looped(KernelWriter writer, Action enter, Action step, Action leave)
    {
        var (first, second, third) = (Taken(enter), Taken(step), Taken(leave));
        // What may be open at the end of a chunk, without the barriers that are decided here.
        Access[] open = [.. third.After, .. third.HasBarrier ? [] : second.After, .. third.HasBarrier || second.HasBarrier ? [] : first.After];
        var entering = first.Guarded(open, out var entered);
        var stepping = second.Guarded([.. entered, .. second.After], out var stepped);
        return (entering, stepping, third.Guarded(stepped, out _));

        Section Taken(Action write)
        {
            write();
            return writer.Take();
        }
    }

    private string Guarded(Access[] open, out Access[] after)
    {
        var hazards = new Hazards();
        hazards.Add(open);
        var isNeeded = hazards.Need(Before);
        after = [.. After, .. HasBarrier || isNeeded ? [] : open];
        return (isNeeded ? KernelWriter.Barrier : "") + Text;
    }
}
