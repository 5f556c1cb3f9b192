using System.Globalization;

namespace Plastic.Engine;

/// <summary>
/// What started this process as one of several, as its environment says. What a launcher says, the MPI library must say too: one of another
/// MPI would take every process for the only one.
/// </summary>
/// <param name="Name">The launcher, for messages.</param>
/// <param name="Rank">The number that it gave to this process.</param>
/// <param name="Count">How many processes it started.</param>
/// <param name="LocalRank">The number among the processes on this machine; null where it does not say.</param>
/// <param name="Libraries">The files of MPI libraries that go with it, the likeliest first.</param>
public sealed record Launcher(string Name, int Rank, int Count, int? LocalRank, IReadOnlyList<string> Libraries)
{
    private static readonly string[] OpenMpi = ["libmpi.so.40", "libmpi.so"];
    private static readonly string[] Mpich = ["libmpich.so.12", "libmpi.so.12"];
    private static readonly string[] Standard = ["libmpi_abi.so.0", "libmpi_abi.so.1", "libmpi_abi.so"];

    /// <summary>Whether messages that all processes of a machine would give come from this one.</summary>
    public bool Speaks => (LocalRank ?? Rank) == 0;

    /// <summary>The launcher that an environment tells of; null for none.</summary>
    /// <param name="variable">The value of an environment variable; null where it is not set.</param>
    public static Launcher? Find(Func<string, string?> variable)
    {
        if (Number("OMPI_COMM_WORLD_RANK") is { } open && Number("OMPI_COMM_WORLD_SIZE") is { } openCount)
        {
            return new Launcher("Open MPI's mpirun", open, openCount, Number("OMPI_COMM_WORLD_LOCAL_RANK"), [.. OpenMpi, .. Standard]);
        }
        // Hydra, which MPICH, Intel MPI and MVAPICH share, and srun --mpi=pmi2.
        if (Number("PMI_RANK") is { } hydra && Number("PMI_SIZE") is { } hydraCount)
        {
            return new Launcher(
                "a launcher that speaks PMI", hydra, hydraCount, Number("MPI_LOCALRANKID") ?? Number("SLURM_LOCALID"),
                [.. Mpich, .. Standard, .. OpenMpi]);
        }
        // Without PMIx (--mpi=none, or in a batch script) its processes cannot meet.
        if (variable("PMIX_RANK") is not null && Number("SLURM_PROCID") is { } task && Number("SLURM_STEP_NUM_TASKS") is { } tasks)
        {
            return new Launcher("srun", task, tasks, Number("SLURM_LOCALID"), [.. OpenMpi, .. Mpich, .. Standard]);
        }
        return null;

        int? Number(string name) => int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
