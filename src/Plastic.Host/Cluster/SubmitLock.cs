namespace Plastic.Host;

/// <summary>Keeps two `submit` of one experiment from giving the same runs to two jobs: one looks and submits at a time.</summary>
internal sealed class SubmitLock : IDisposable
{
    // Longer than any submit takes.
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private readonly string file;
    private readonly FileStream held;

    private SubmitLock(string file, FileStream held) => (this.file, this.held) = (file, held);

    /// <summary>Takes the lock of a folder of submissions, which is made if it does not exist.</summary>
    /// <exception cref="PlasticException">Another process has it, or the folder cannot be written to.</exception>
    public static SubmitLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var file = Path.Combine(folder, ".lock");
            var held = FileLock.Take(file, out var isNew);
            // Without locks, whoever has made the file has it.
            if (held is null || (!isNew && FileLock.IsTaken(file) == false && FileLock.Now(folder) - File.GetLastWriteTimeUtc(file) < Forgotten))
            {
                held?.Dispose();
                throw new PlasticException(ExitCode.Exists, $"another plastic submit is at work in {folder}: try again when it has ended");
            }
            return new SubmitLock(file, held);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"cannot write to {folder}: {thrown.Message}", thrown);
        }
    }

    public void Dispose()
    {
        File.Delete(file);
        held.Dispose();
    }
}
