using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>job.json of a submission: what was asked for, and the numbers of its jobs.</summary>
/// <param name="Name">The experiment or task.</param>
/// <param name="Command">The command line.</param>
/// <param name="Made">When, UTC.</param>
/// <param name="Engine">"slurm" or "list".</param>
/// <param name="Runs">How many runs it has.</param>
/// <param name="Tasks">How many tasks.</param>
/// <param name="Cpus">Processors of a task.</param>
/// <param name="MemoryMb">Memory of a task, in MB.</param>
/// <param name="Minutes">The time limit of a task.</param>
/// <param name="Arrays">The arrays that sbatch has accepted, in order.</param>
internal sealed record SubmissionFacts(
    string Name, string Command, string Made, string Engine, int Runs, int Tasks, int Cpus, long MemoryMb, int Minutes, JobFacts[] Arrays)
{
    /// <summary>The job that draws the figures; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JobFacts? Figures { get; init; }
}

/// <summary>A job of a submission.</summary>
/// <param name="Job">Its number.</param>
/// <param name="First">The number of its first task in the submission.</param>
/// <param name="Tasks">How many tasks it has; 0 for a job that is no array.</param>
/// <param name="Command">The command that submitted it.</param>
internal sealed record JobFacts(string Job, int First, int Tasks, string Command);

/// <summary>A line of tasks.jsonl: the runs that a task trains, one after the other.</summary>
internal sealed record TaskLine(TaskRun[] Runs);

/// <summary>A run of a task.</summary>
/// <param name="Directory">Its folder in the folder of all runs; '/' between the parts.</param>
/// <param name="Settings">The settings of its config.json.</param>
internal sealed record TaskRun(string Directory, Dictionary<string, JsonElement> Settings)
{
    /// <summary>The folder in the submission that holds the code or names the data of its rule or task; null where these are built in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>How many updates train it; 0 where that cannot be read.</summary>
    [JsonIgnore]
    public int Updates => Settings.TryGetValue("max_batch", out var last) && last.TryGetInt32(out var number) ? number + 1 : 0;

    /// <summary>A run in a submission.</summary>
    /// <param name="run">The run.</param>
    /// <param name="directory">Its folder.</param>
    /// <param name="code">The folder of its code; null where there is none.</param>
    public static TaskRun Of(Run run, string directory, string? code) => new(
        directory, JsonNode.Parse(run.Json)!.AsObject().ToDictionary(member => member.Key, member => JsonSerializer.SerializeToElement(member.Value)))
    {
        Code = code,
    };
}
