using Plastic.CommandLine;
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
    [InlineData("OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1", 3, 4, false, 2, "libmpi.so.40")]
    [InlineData("PMI_RANK=1 PMI_SIZE=2 MPI_LOCALRANKID=0 MPI_LOCALNRANKS=1", 1, 2, true, 1, "libmpich.so.12")]
    [InlineData("PMI_RANK=0 PMI_SIZE=2", 0, 2, true, null, "libmpich.so.12")]
    [InlineData("PMIX_RANK=5 SLURM_PROCID=5 SLURM_STEP_NUM_TASKS=8 SLURM_LOCALID=1 SLURM_NTASKS=8 SLURM_NODEID=1 SLURM_STEP_TASKS_PER_NODE=3(x2),2", 5, 8, false, 3, "libmpi.so.40")]
    [InlineData("PMI_RANK=7 PMI_SIZE=8 SLURM_LOCALID=1 SLURM_NODEID=2 SLURM_STEP_TASKS_PER_NODE=3(x2),2", 7, 8, false, 2, "libmpich.so.12")]
    public void A_launcher_is_found_in_the_environment(string environment, int rank, int count, bool speaks, int? here, string first)
    {
        var launcher = Launcher.Find(Variables(environment))!;
        Assert.Equal((rank, count, speaks, here, first), (launcher.Rank, launcher.Count, launcher.Speaks, launcher.LocalCount, launcher.Libraries[0]));
        Assert.Contains("libmpi_abi.so", launcher.Libraries);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1 SLURM_STEP_TASKS_PER_NODE=1")]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=4 SLURM_TASKS_PER_NODE=4")]
    [InlineData("PMI_RANK=1")]
    public void A_process_that_no_launcher_started_has_none(string environment) => Assert.Null(Launcher.Find(Variables(environment)));

    [Fact]
    public void Processes_of_srun_that_cannot_meet_have_a_launcher_without_libraries() => Assert.Equal(
        ("srun", 4, 0),
        Launcher.Find(Variables("SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=4")) is { } srun ? (srun.Name, srun.Count, srun.Libraries.Count) : default);

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

    /// <summary>Each would train the same runs by itself, and the launcher would end the one that got there first.</summary>
    [SkippableTheory]
    [InlineData(Launchers.OpenMpi, "train")]
    [InlineData(Launchers.Mpich, "resume")]
    public void Several_processes_without_ranks_are_refused_on_one_line(string launcher, string command)
    {
        using var session = new Session();
        string[] words = command == "train" ? [.. Small, "--out", session.Out] : ["resume", session.Out];
        var ended = Launchers.Run(Launchers.Words(launcher, 2, words));
        Assert.Equal((int)ExitCode.Usage, ended.Code);
        Assert.Contains("add --ranks mpi", Assert.Single(ended.Faults), StringComparison.Ordinal);
        Assert.Empty(session.Everything());
    }

    [SkippableFact]
    public void One_process_of_a_launcher_trains_without_ranks()
    {
        using var session = new Session();
        var ended = Launchers.Run(Launchers.Words(Launchers.OpenMpi, 1, [.. Small, "--out", session.Out]));
        Assert.True(ended.Code == 0, ended.Errors);
    }

    /// <summary>What fits once must not be begun where it fits no second time.</summary>
    [SkippableFact]
    public void Ranks_of_a_machine_share_its_memory()
    {
        string[] words = ["train", "cuereward", "cell=RNN", "rule=hebbian", "hidden=500", "batch=16", "max_batch=0", "validation_batches=1", "test_batches=1"];
        var request = (TrainRequest)CommandParser.Parse([.. words, "--threads", "1"], new DeferredLoader()).Command;
        var needed = new MachineShare(request.Resources, 1, [request.Plan.Runs[0]], isTest: false, new Networks()).BytesOf(request.Plan.Runs[0]);
        var machine = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = $"{needed * 3 / 2:x}" };
        RanksEnded Run(int ranks, Session session) => Launchers.Run(
            Launchers.Words(Launchers.OpenMpi, ranks, [.. words, "--threads", "1", "--ranks", "mpi", "--out", session.Out]), machine);
        using var session = new Session();
        var ended = Run(2, session);
        Assert.Equal((int)ExitCode.Configuration, ended.Code);
        Assert.Contains("for each of its 2 ranks", Assert.Single(ended.Faults), StringComparison.Ordinal);
        Assert.Empty(session.Everything());
        var alone = Run(1, session);
        Assert.True(alone.Code == 0, alone.Errors);
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
