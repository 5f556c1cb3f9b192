using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Shows the progress of training.</summary>
internal interface IDisplay
{
    /// <summary>A live display on a terminal, otherwise lines.</summary>
    static IDisplay For(Output output) =>
        output is { Live: { } live, Quiet: false } ? new TerminalDisplay(output, live) : new PlainDisplay(output);

    /// <summary>Shows the sweep while <paramref name="body"/> trains its runs, possibly several in parallel.</summary>
    void Show(Sweep sweep, Action body);

    /// <summary>A run starts; what the watcher is called with is shown.</summary>
    ITrainingWatcher Begin(Run run);

    /// <summary>A run that was started has ended; a failure is shown even with --quiet.</summary>
    void End(Run run, string line, bool hasFailed);
}
