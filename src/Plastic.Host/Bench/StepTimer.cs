using System.Diagnostics;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Whole training steps of a workload: data ready, forward, backward, clip, optimiser.</summary>
internal sealed class StepTimer : IDisposable
{
    private readonly Crew crew;
    private readonly Team team;
    private readonly IDevice? device;
    private readonly IExecutor executor;
    private readonly ILearner learner;
    private readonly Batch batch;
    private readonly double learningRate;

    /// <param name="workload">What is trained.</param>
    /// <param name="resources">What it may use of the machine.</param>
    /// <param name="team">The ranks that share a step; null for one process.</param>
    public StepTimer(Workload workload, Resources resources, Team? team = null)
    {
        this.team = team ?? new Team();
        var network = new PlasticNetwork(workload.Network);
        var settings = workload.Settings;
        learningRate = settings.LearningRate;
        Threads = resources.ThreadCount();
        Memory.Require(
            "this step",
            Memory.OfTraining(
                network, settings.Optimiser(), workload.Steps, Threads, resources.History(), resources.IsOnDevice())
            + Memory.OfBatch(settings.Batch, workload.Steps, workload.Network.Inputs + workload.Network.Outputs),
            "a smaller network or batch, fewer --steps or --threads, or a lower --history",
            ranks: resources.RanksHere());
        crew = new Crew(Threads);
        device = resources.Open();
        executor = Placement.Executor(network, crew, 0, resources.History(), device, team);
        learner = Placement.Learner(
            executor, workload.Steps, network.InitialValues(0), settings.Optimiser(), settings.MaxGradientNorm, crew);
        batch = workload.Batch();
    }

    /// <summary>The number of threads that share a step.</summary>
    public int Threads { get; }

    /// <summary>The program that is run.</summary>
    public StepProgram Program => executor.Program;

    /// <summary>The threads that run it.</summary>
    public Crew Crew => crew;

    /// <summary>The device that runs it; null for the CPU.</summary>
    public DeviceFacts? Device => device?.Facts;

    /// <summary>Starts measuring where the time goes, per worker of the CPU.</summary>
    public IReadOnlyList<StepProfile> StartProfiling() => ((CpuExecutor)executor).StartProfiling();

    /// <summary>
    /// Runs one step and returns the seconds it took: on a device, from the begin of one step to the end of an earlier one, so that many
    /// steps take as long as their sum.
    /// </summary>
    public double Step()
    {
        var start = Stopwatch.GetTimestamp();
        learner.Begin(batch, learningRate);
        if (learner.Pending > learner.Ahead) learner.End();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The seconds that the ranks spent in exchanges during each of the timed steps; the median, and the least.</summary>
    public (double Median, double Fastest) Exchanges { get; private set; }

    /// <summary>The bytes that this rank sent and received in a step.</summary>
    public long ExchangedBytes { get; private set; }

    /// <summary>Times a number of steps, after enough warm-up for the runtime to have compiled everything.</summary>
    public StepTimes Time(int repeat)
    {
        var warm = Stopwatch.GetTimestamp();
        do Step();
        while (GoesOn(Stopwatch.GetElapsedTime(warm).TotalSeconds < 1.5));
        var exchanges = new double[repeat];
        var times = new (double Wall, double Processor)[repeat];
        for (var k = 0; k < repeat; k++)
        {
            var start = Environment.CpuUsage.TotalTime;
            var (exchanged, bytes) = (team.Exchanged, team.ExchangedBytes);
            var wall = Step();
            exchanges[k] = (team.Exchanged - exchanged).TotalSeconds;
            ExchangedBytes = team.ExchangedBytes - bytes;
            times[k] = (wall, (Environment.CpuUsage.TotalTime - start).TotalSeconds);
        }
        Array.Sort(exchanges);
        Exchanges = (exchanges[repeat / 2], exchanges[0]);
        return StepTimes.Of(times);
    }

    /// <summary>What the first rank says, so that all make the same steps.</summary>
    private bool GoesOn(bool mine)
    {
        Span<bool> word = [mine];
        team.Broadcast(word, 0);
        return word[0];
    }

    public void Dispose()
    {
        learner.Dispose();
        executor.Dispose();
        device?.Dispose();
        crew.Dispose();
    }
}

/// <summary>
/// What a step took: seconds of wall time, and of processor time over all threads, which other work on the machine disturbs less. The median and the
/// fastest of some steps.
/// </summary>
internal sealed record StepTimes(double Median, double Fastest, double ProcessorMedian, double ProcessorFastest)
{
    public static StepTimes Of((double Wall, double Processor)[] times)
    {
        double[] wall = [.. times.Select(time => time.Wall).Order()], processor = [.. times.Select(time => time.Processor).Order()];
        return new StepTimes(Middle(wall), wall[0], Middle(processor), processor[0]);

        static double Middle(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
