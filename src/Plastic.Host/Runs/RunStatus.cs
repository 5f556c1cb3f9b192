using System.Text.Json;
using System.Text.Json.Serialization;

namespace Plastic.Host;

/// <summary>What a run's folder says of the run.</summary>
internal enum RunState
{
    Running,
    Finished,
    Failed,
    Interrupted,
}

internal static class RunStates
{
    /// <summary>The state's name for people, as status.json has it.</summary>
    public static string Name(this RunState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{state}");
}

/// <summary>How far a run is: status.json.</summary>
/// <param name="State">Whether it still trains, or how it ended.</param>
/// <param name="Step">The last step known.</param>
/// <param name="Message">Why it ended, if it failed.</param>
internal sealed record RunStatus(
    RunState State, int Step, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message = null)
{
    /// <summary>The machine of the process that trains it; with the two after it, while there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Host { get; init; }

    /// <summary>That process's number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Process { get; init; }

    /// <summary>When it started (<see cref="RunOwner.Started"/>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ProcessStarted { get; init; }

    /// <summary>Where its number counts (<see cref="RunOwner.Place"/>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProcessPlace { get; init; }

    /// <summary>The job of Slurm that it belongs to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Job { get; init; }

    /// <summary>How often that job was started again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? JobRestarts { get; init; }

    /// <summary>The process that trains it; null when nothing does.</summary>
    [JsonIgnore]
    public RunOwner? Owner => (Host, Process, ProcessStarted) is ({ } host, { } process, { } started)
        ? new(host, process, started) { Place = ProcessPlace, Job = Job, Restarts = JobRestarts }
        : null;

    /// <summary>The same with the process that trains it.</summary>
    public RunStatus OwnedBy(RunOwner owner) => this with
    {
        Host = owner.Host,
        Process = owner.Process,
        ProcessStarted = owner.Started,
        ProcessPlace = owner.Place,
        Job = owner.Job,
        JobRestarts = owner.Restarts,
    };

    /// <summary>The status of the run in a folder; null if there is none or it cannot be read.</summary>
    public static RunStatus? Read(string path) =>
        JsonFile.ReadOrNull<RunStatus>(Path.Combine(path, RunDirectory.StatusFile)) is { } status
            ? status with
            {
                Message = status.Message is { } message ? SafeText.Line(message) : null,
                Host = status.Host is { } host ? SafeText.Line(host) : null,
                Job = status.Job is { } job ? SafeText.Line(job) : null,
            }
            : null;
}
