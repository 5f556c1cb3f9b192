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
    public static (string Enter, string Step, string Leave) Looped(Section enter, Section step, Section leave)
    {
        // What may be open at the end of a chunk, without the barriers that are decided here.
        Access[] left = [.. leave.After, .. leave.HasBarrier ? [] : step.After];
        var first = enter.Guarded(left, out var entered);
        var second = step.Guarded([.. entered, .. step.After], out var stepped);
        return (first, second, leave.Guarded(stepped, out _));
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
