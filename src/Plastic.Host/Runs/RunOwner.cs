using System.Globalization;

namespace Plastic.Host;

/// <summary>The process that trains a run, so that other processes can see whether it still does.</summary>
/// <param name="Host">Its machine's name.</param>
/// <param name="Process">Its number.</param>
/// <param name="Started">When it started, in the machine's own ticks: process numbers are used again.</param>
internal sealed record RunOwner(string Host, int Process, long Started)
{
    /// <summary>This process.</summary>
    public static RunOwner Current { get; } =
        new(Environment.MachineName, Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    /// <summary>Whether the process is still running; null if it is on another machine.</summary>
    public bool? IsAlive => Host == Environment.MachineName ? StartOf(Process) == Started : null;

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
