namespace Plastic.Engine;

/// <summary>The ranks that a launcher of MPI started: mpirun, mpiexec or srun.</summary>
public sealed class MpiRanks : IRanks
{
    private readonly MpiLibrary library;

    private MpiRanks(MpiLibrary library) => (this.library, (Rank, Count)) = (library, library.Init());

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Count { get; }

    /// <summary>Loads the MPI library that goes with the launcher, and waits for the other ranks.</summary>
    /// <exception cref="MpiException">No launcher started this process, or there is no library that works with it.</exception>
    public static MpiRanks Start()
    {
        if (Launcher.Find(Environment.GetEnvironmentVariable) is not { Libraries.Count: > 0 } launcher)
        {
            throw new MpiException("--ranks mpi is for processes that a launcher of MPI starts: mpirun -n R plastic … --ranks mpi (or srun --mpi=pmi2 or pmix)");
        }
        var named = Environment.GetEnvironmentVariable(MpiLibrary.Setting);
        var library = MpiLibrary.Load(launcher, named);
        var ranks = new MpiRanks(library);
        if (ranks.Count == launcher.Count) return ranks;
        library.Finish();
        throw new MpiException(
            $"{library.File} ({library.Kind}) counts {ranks.Count} process{(ranks.Count == 1 ? "" : "es")} where {launcher.Name} started {launcher.Count}: "
            + $"it belongs to another MPI ({MpiLibrary.Setting} names the library's file)");
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> bytes, int to) => library.Send(bytes, to);

    /// <inheritdoc/>
    public void Receive(Span<byte> bytes, int from) => library.Receive(bytes, from);

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes, int from) => library.Broadcast(bytes, from);

    /// <inheritdoc/>
    public void Gather(ReadOnlySpan<byte> own, Span<byte> all) => library.Gather(own, all);

    /// <inheritdoc/>
    public void Abort(int code) => library.Abort(code);

    /// <summary>Waits until all ranks are done.</summary>
    public void Dispose() => library.Finish();
}
