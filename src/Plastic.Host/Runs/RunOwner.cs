using System.Globalization;
using System.Text.Json.Serialization;

namespace Plastic.Host;

/// <summary>The process that trains a run, so that other processes can see whether it still does.</summary>
/// <param name="Host">Its machine's name.</param>
/// <param name="Process">Its number.</param>
/// <param name="Started">When it started, in the machine's own ticks: process numbers are used again.</param>
internal sealed record RunOwner(string Host, int Process, long Started)
{
    /// <summary>
    /// After so long without a sign of it, a process on another machine is believed to be gone. Many heartbeats: the clocks of two machines
    /// differ, and file systems between them delay.
    /// </summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(10);

    /// <summary>
    /// What tells its processes' numbers from those of another machine of that name, and of another container: the kernel's boot and its
    /// namespace of processes. Null in files of earlier versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Place { get; init; }

    /// <summary>The job of Slurm that it belongs to, 12 or 12_3; null outside of one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Job { get; init; }

    /// <summary>How often Slurm has started that job again; null outside of one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Restarts { get; init; }

    /// <summary>Whether the process is still running; null if it is on another machine, or where this process does not see it.</summary>
    [JsonIgnore]
    public bool? IsAlive => Host == Environment.MachineName && (Place is null || Place == PlaceHere) ? StartOf(Process) == Started : null;

    private static string? PlaceHere { get; } = Described();

    /// <summary>This process.</summary>
    public static RunOwner Current { get; } = Here();

    /// <summary>Whether Slurm has started this process in place of another, so that it believes the other to be gone.</summary>
    public bool Replaces(RunOwner other) => Job is not null && Job == other.Job && Restarts > other.Restarts;

    private static RunOwner Here()
    {
        static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
        var job = Variable("SLURM_ARRAY_JOB_ID") is { } array ? $"{array}_{Variable("SLURM_ARRAY_TASK_ID")}" : Variable("SLURM_JOB_ID");
        return new(Environment.MachineName, Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0)
        {
            Place = PlaceHere,
            Job = job,
            Restarts = job is null ? null
                : int.TryParse(Variable("SLURM_RESTART_COUNT"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0,
        };
    }

    private static string? Described()
    {
        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            return $"{boot} {new FileInfo("/proc/self/ns/pid").LinkTarget}";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The 22nd field of Linux's /proc/N/stat; null if there is no such process.</summary>
    private static long? StartOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            // The second field is a name in parentheses, which may contain anything.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            // A zombie does not train.
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
