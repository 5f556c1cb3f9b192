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

    /// <summary>The job of Slurm that it belongs to, 12 or 12_3; null outside of one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Job { get; init; }

    /// <summary>How often Slurm has started that job again; null outside of one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Restarts { get; init; }

    /// <summary>This process.</summary>
    public static RunOwner Current { get; } = Here();

    /// <summary>Whether the process is still running; null if it is on another machine.</summary>
    [JsonIgnore]
    public bool? IsAlive => Host == Environment.MachineName ? StartOf(Process) == Started : null;

    /// <summary>Whether Slurm has started this process in place of another, so that it believes the other to be gone.</summary>
    public bool Replaces(RunOwner other) => Job is not null && Job == other.Job && Restarts > other.Restarts;

    private static RunOwner Here()
    {
        static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
        var job = Variable("SLURM_ARRAY_JOB_ID") is { } array ? $"{array}_{Variable("SLURM_ARRAY_TASK_ID")}" : Variable("SLURM_JOB_ID");
        return new(Environment.MachineName, Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0)
        {
            Job = job,
            Restarts = job is null ? null
                : int.TryParse(Variable("SLURM_RESTART_COUNT"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0,
        };
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
