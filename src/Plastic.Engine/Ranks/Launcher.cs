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
/// <param name="LocalCount">How many processes it started on this machine; null where it does not say.</param>
/// <param name="Libraries">The files of MPI libraries that go with it, the likeliest first; none where its processes cannot meet.</param>
public sealed record Launcher(string Name, int Rank, int Count, int? LocalRank, int? LocalCount, IReadOnlyList<string> Libraries)
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
            return new Launcher(
                "Open MPI's mpirun", open, openCount, Number("OMPI_COMM_WORLD_LOCAL_RANK"), Number("OMPI_COMM_WORLD_LOCAL_SIZE"),
                [.. OpenMpi, .. Standard]);
        }
        // Hydra, which MPICH, Intel MPI and MVAPICH share, and srun --mpi=pmi2.
        if (Number("PMI_RANK") is { } hydra && Number("PMI_SIZE") is { } hydraCount)
        {
            return new Launcher(
                "a launcher that speaks PMI", hydra, hydraCount, Number("MPI_LOCALRANKID") ?? Number("SLURM_LOCALID"),
                Number("MPI_LOCALNRANKS") ?? TasksHere(), [.. Mpich, .. Standard, .. OpenMpi]);
        }
        // Batch scripts have no number of a step's tasks.
        if (Number("SLURM_PROCID") is { } task && Number("SLURM_STEP_NUM_TASKS") is { } tasks)
        {
            // With --mpi=none they cannot meet; one alone need not.
            var meets = variable("PMIX_RANK") is not null;
            if (meets || tasks > 1)
            {
                return new Launcher("srun", task, tasks, Number("SLURM_LOCALID"), TasksHere(), meets ? [.. OpenMpi, .. Mpich, .. Standard] : []);
            }
        }
        return null;

        // Of srun, for the nodes in order: "2(x3),1".
        int? TasksHere()
        {
            if (Number("SLURM_NODEID") is not { } node) return null;
            foreach (var part in (variable("SLURM_STEP_TASKS_PER_NODE") ?? "").Split(','))
            {
                var words = part.TrimEnd(')').Split("(x");
                if (!int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var tasks)) return null;
                node -= words.Length < 2 ? 1 : int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var nodes) ? nodes : 1;
                if (node < 0) return tasks;
            }
            return null;
        }

        int? Number(string name) => int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
