using System.Runtime.InteropServices;

namespace Plastic.Host;

/// <summary>
/// While it exists, the first Ctrl-C, SIGTERM or SIGUSR1 asks the work to stop at its next step; a second one ends the program
/// immediately.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // .NET has no name for it; the number is Linux's.
    private const PosixSignal UserSignal = (PosixSignal)10;

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private volatile int code;

    public Interruption() =>
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Receive),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Receive),
            PosixSignalRegistration.Create(UserSignal, Receive),
        ];

    /// <summary>Set when the work should stop.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The exit code after stopping.</summary>
    public ExitCode Code => (ExitCode)code;

    /// <summary>The exit code after stopping, if work should stop; 0 otherwise.</summary>
    public int Wish() => source.IsCancellationRequested ? (int)Code : 0;

    /// <summary>Asks the work to stop for another reason than a signal to this process.</summary>
    /// <param name="code">The exit code after stopping.</param>
    public void Stop(ExitCode code)
    {
        if (source.IsCancellationRequested) return;
        this.code = (int)code;
        source.Cancel();
    }

    public void Dispose()
    {
        // The source is not disposed: a signal may still arrive.
        foreach (var registration in registrations) registration.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        if (source.IsCancellationRequested) return;
        context.Cancel = true;
        Stop(context.Signal switch
        {
            PosixSignal.SIGTERM => ExitCode.Terminated,
            UserSignal => ExitCode.TryAgain,
            _ => ExitCode.Interrupted,
        });
    }
}
