using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>How a process becomes a rank: the launcher, the library that goes with it, and what is refused with one line.</summary>
public sealed class RankLaunchTests
{
    private static readonly string[] Small =
        ["train", "cuereward", "cell=RNN", "rule=hebbian", "hidden=4", "batch=4", "max_batch=3", "validation_batches=1", "test_batches=1"];

    private static readonly string[] Compilers = ["clang-19", "clang", "gcc", "cc"];

    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=1 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1", 3, 4, false, "libmpi.so.40")]
    [InlineData("PMI_RANK=1 PMI_SIZE=2 MPI_LOCALRANKID=0", 1, 2, true, "libmpich.so.12")]
    [InlineData("PMI_RANK=0 PMI_SIZE=2", 0, 2, true, "libmpich.so.12")]
    [InlineData("PMIX_RANK=5 SLURM_PROCID=5 SLURM_STEP_NUM_TASKS=8 SLURM_LOCALID=1 SLURM_NTASKS=8", 5, 8, false, "libmpi.so.40")]
    public void A_launcher_is_found_in_the_environment(string environment, int rank, int count, bool speaks, string first)
    {
        var launcher = Launcher.Find(Variables(environment))!;
        Assert.Equal((rank, count, speaks, first), (launcher.Rank, launcher.Count, launcher.Speaks, launcher.Libraries[0]));
        Assert.Contains("libmpi_abi.so", launcher.Libraries);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=4")]
    [InlineData("PMI_RANK=1")]
    public void A_process_that_no_launcher_started_has_none(string environment) => Assert.Null(Launcher.Find(Variables(environment)));

    [Fact]
    public void Without_a_launcher_ranks_are_refused()
    {
        using var session = new Session();
        var ended = session.Run([.. Small, "--ranks", "mpi", "--out", session.Out]);
        Assert.Equal(ExitCode.Configuration, ended.Code);
        Assert.Contains("mpirun -n R plastic", Assert.Single(ended.Messages), StringComparison.Ordinal);
        Assert.Empty(session.Everything());
    }

    [Theory]
    [InlineData("leave out --jobs", "--ranks", "mpi", "--jobs", "2")]
    [InlineData("leave out --ranks", "--ranks", "mpi", "--dry-run")]
    [InlineData("leave out --device", "--ranks", "mpi", "--device", "opencl")]
    [InlineData("must be mpi", "--ranks", "4")]
    public void What_ranks_do_not_go_with_is_refused(string says, params string[] words)
    {
        using var session = new Session();
        var ended = session.Run([.. Small, .. words, "--out", session.Out]);
        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.Contains(says, Assert.Single(ended.Messages), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("libmpich.so.12", "counts 1 process where")]
    [InlineData("libnosuch.so", "cannot be loaded")]
    [InlineData("libc.so.6", "is no MPI library")]
    public void A_library_that_does_not_go_with_the_launcher_is_named_on_one_line(string library, string says)
    {
        if (library == "libmpich.so.12") Launchers.Words(Launchers.Mpich, 1);
        using var session = new Session();
        var ended = Launchers.Run(
            Launchers.Words(Launchers.OpenMpi, 2, [.. Small, "--ranks", "mpi", "--out", session.Out]),
            new Dictionary<string, string> { ["PLASTIC_MPI"] = library });
        Assert.Equal((int)ExitCode.Configuration, ended.Code);
        Assert.Contains(says, Assert.Single(ended.Faults), StringComparison.Ordinal);
        Assert.Contains(library, ended.Faults[0], StringComparison.Ordinal);
        Assert.Empty(session.Everything());
    }

    [SkippableFact]
    public void A_wrong_command_is_said_once()
    {
        var ended = Launchers.Run(Launchers.Words(Launchers.OpenMpi, 3, ["train", "nosuch", "--ranks", "mpi"]));
        Assert.Equal((int)ExitCode.Usage, ended.Code);
        Assert.Single(ended.Faults);
    }

    [SkippableFact]
    public void A_network_with_an_encoder_is_refused()
    {
        using var session = new Session();
        var root = Directory.CreateTempSubdirectory("plastic-set-");
        try
        {
            var data = MadeSet.Write(root.FullName, side: 16, seed: 1);
            var ended = Launchers.Run(Launchers.Words(
                Launchers.OpenMpi, 2,
                ["train", $"data={data}", "cell=RNN", "rule=hebbian", "encoder=conv4", "encoder_width=2", "hidden=8", "batch=2", "max_batch=3", "--ranks", "mpi", "--threads", "1", "--out", session.Out]));
            Assert.Equal((int)ExitCode.Configuration, ended.Code);
            Assert.Contains("leave out --ranks", Assert.Single(ended.Faults), StringComparison.Ordinal);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    /// <summary>No library of the MPI 5 ABI is packaged yet, so one is made of each that is (Mpi/abi.c).</summary>
    [SkippableTheory]
    [InlineData(Launchers.OpenMpi, "libmpi.so.40")]
    [InlineData(Launchers.Mpich, "libmpich.so.12")]
    public void A_library_of_the_standard_abi_gives_the_same_files(string launcher, string library)
    {
        var compiler = Array.Find(Compilers, IsInstalled);
        Skip.If(compiler is null, "no C compiler is installed");
        var place = Directory.CreateTempSubdirectory("plastic-abi-");
        try
        {
            var made = Path.Combine(place.FullName, "libmpi_abi.so.0");
            var source = Path.Combine(ReadmeTests.Root, "tests", "Plastic.Program.Tests", "Mpi", "abi.c");
            var (code, _, errors) = Processes.Run(place.FullName, compiler!, ["-shared", "-fPIC", "-Wall", "-Werror", "-o", made, source, "-ldl"]);
            Assert.True(code == 0, errors);
            using var alone = new Session();
            Assert.Equal(ExitCode.Ok, alone.Run([.. Small, "--out", alone.Out]).Code);
            using var session = new Session();
            var ended = Launchers.Run(
                Launchers.Words(launcher, 2, [.. Small, "--ranks", "mpi", "--threads", "1", "--out", session.Out]),
                new Dictionary<string, string> { ["PLASTIC_MPI"] = made, ["STANDIN_MPI"] = library });
            Assert.True(ended.Code == 0, ended.Errors);
            RankTests.AssertSame(alone, session);
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    private static bool IsInstalled(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static Func<string, string?> Variables(string environment)
    {
        var pairs = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return name => pairs.GetValueOrDefault(name);
    }
}
