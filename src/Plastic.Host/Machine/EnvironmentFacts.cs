using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Serialization;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>Where a result comes from: env.json of a run's folder.</summary>
/// <param name="Version">The program's.</param>
/// <param name="Commit">The commit of the program's own repository; null if it is not in one.</param>
/// <param name="Changed">Whether files of that commit were changed.</param>
/// <param name="Dotnet">The runtime.</param>
/// <param name="System">The operating system.</param>
/// <param name="Architecture">The processor's.</param>
/// <param name="Processor">Its name; null when the system does not say.</param>
/// <param name="Processors">How many this process may use.</param>
/// <param name="VectorBits">The width of the vectors that run at full speed.</param>
/// <param name="Threads">How many the run uses, on each rank.</param>
/// <param name="Device">The device that networks run on, and whose; null for the CPU.</param>
/// <param name="Started">When the run started, UTC.</param>
internal record EnvironmentFacts(
    string Version, string? Commit, bool? Changed, string Dotnet, string System, string Architecture, string? Processor,
    int Processors, int VectorBits, int Threads, string? Device, string Started)
{
    /// <summary>How many processes train it together; null for one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ranks { get; init; }

    /// <summary>The width of the widest vectors that this machine runs at full speed, in bits.</summary>
    public static int MachineVectorBits =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>Of a run that starts now.</summary>
    /// <param name="threads">How many it uses.</param>
    /// <param name="device">The device that networks run on; null for the CPU.</param>
    /// <param name="ranks">How many processes train it together.</param>
    public static EnvironmentFacts Now(int threads, DeviceFacts? device = null, int ranks = 1) => new(
        ProgramVersion.Text,
        ProgramSource.Current.Commit,
        ProgramSource.Current.Changed,
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        NameOfProcessor(),
        Environment.ProcessorCount,
        MachineVectorBits,
        threads,
        NameOf(device),
        DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
    {
        Ranks = ranks == 1 ? null : ranks,
    };

    /// <summary>A device, and whose; null for the CPU.</summary>
    public static string? NameOf(DeviceFacts? device) => device is null ? null : $"{device.Name} ({device.Model}, {device.Platform})";

    /// <summary>The processor's name, or its architecture where the system does not say.</summary>
    public static string MachineProcessor => NameOfProcessor() ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string? NameOfProcessor()
    {
        const string key = "model name";
        try
        {
            return File.ReadLines("/proc/cpuinfo")
                .Where(line => line.StartsWith(key, StringComparison.Ordinal))
                .Select(line => line[(line.IndexOf(':') + 1)..].Trim())
                .FirstOrDefault();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>A line of resumed.jsonl: where the part of a run from one step on comes from.</summary>
internal sealed record ResumedEnvironment : EnvironmentFacts
{
    /// <param name="step">The step.</param>
    /// <param name="command">The command line that resumed the run.</param>
    /// <param name="facts">The environment.</param>
    public ResumedEnvironment(int step, string command, EnvironmentFacts facts)
        : base(facts) => (Step, Command) = (step, command);

    [JsonPropertyOrder(-2)]
    public int Step { get; }

    [JsonPropertyOrder(-1)]
    public string Command { get; }
}
