namespace Plastic.Host;

/// <summary>
/// An expected failure: one line for the person at the terminal, and the code to end with. Any other exception is
/// a fault of the program (<see cref="Failure"/> maps both).
/// </summary>
internal sealed class PlasticException(ExitCode code, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public ExitCode Code => code;

    /// <summary>Whether all ranks that train together raise it, at the same point.</summary>
    public bool IsAgreed { get; init; }
}
