using System.Runtime.InteropServices;

namespace Plastic.Host;

/// <summary>
/// While it lives, the first Ctrl-C or SIGTERM asks the work to stop at its next step; a second one ends the program at
/// once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private volatile int signal;

    public Interruption() =>
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Receive),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Receive),
        ];

    /// <summary>Set when the work should stop.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>How to end after stopping.</summary>
    public ExitCode Code => (PosixSignal)signal == PosixSignal.SIGTERM ? ExitCode.Terminated : ExitCode.Interrupted;

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        if (source.IsCancellationRequested) return;
        context.Cancel = true;
        signal = (int)context.Signal;
        source.Cancel();
    }
}
