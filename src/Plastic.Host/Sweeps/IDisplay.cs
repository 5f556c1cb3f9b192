using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Shows the person at the terminal how training goes.</summary>
internal interface IDisplay
{
    /// <summary>The display that fits where messages go: a live one on a terminal, else lines.</summary>
    static IDisplay For(Output output) =>
        output is { MessagesTerminal: true, Quiet: false } ? new TerminalDisplay(output) : new PlainDisplay(output);

    /// <summary>Shows the sweep while <paramref name="body"/> trains its runs, several at a time perhaps.</summary>
    void Show(Sweep sweep, Action body);

    /// <summary>A run begins; what it is told is shown.</summary>
    ITrainingWatcher Begin(Run run);

    /// <summary>A run that began has ended; a failure is said whatever else is not.</summary>
    void End(Run run, string line, bool hasFailed);
}
