namespace Plastic.Host;

/// <summary>Keeps two `submit` of one experiment from giving the same runs to two jobs: one looks and submits at a time.</summary>
internal sealed class SubmitLock : IDisposable
{
    private readonly FileStream held;

    private SubmitLock(FileStream held) => this.held = held;

    /// <summary>Takes the lock of a folder of submissions, which is made if it does not exist.</summary>
    /// <exception cref="PlasticException">Another process has it, or the folder cannot be written to.</exception>
    public static SubmitLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new SubmitLock(new FileStream(
                Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            // Linux: another process holds it.
            throw thrown.HResult == 11
                ? new PlasticException(ExitCode.Exists, $"another plastic submit is at work in {folder}: try again when it has ended", thrown)
                : new PlasticException(ExitCode.InputOutput, $"cannot write to {folder}: {thrown.Message}", thrown);
        }
    }

    public void Dispose() => held.Dispose();
}
