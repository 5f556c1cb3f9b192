using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>How far a run has come: status.json.</summary>
/// <param name="State">running, finished, failed or interrupted.</param>
/// <param name="Step">The last step known of.</param>
/// <param name="Message">Why it ended, when it failed.</param>
/// <param name="Owner">Who trains it, while somebody does.</param>
internal sealed record RunStatus(string State, int Step, string? Message = null, RunOwner? Owner = null)
{
    public const string Running = "running";
    public const string Finished = "finished";
    public const string Failed = "failed";
    public const string Interrupted = "interrupted";

    /// <summary>The file's content.</summary>
    public string Json
    {
        get
        {
            var json = new JsonObject { ["state"] = State, ["step"] = Step };
            if (Message is not null) json["message"] = Message;
            if (Owner is not null)
            {
                json["host"] = Owner.Host;
                json["process"] = Owner.Process;
                json["process_started"] = Owner.Started;
            }
            return JsonText.Document(json);
        }
    }

    /// <summary>The status of the run in a folder; null when there is none that can be read.</summary>
    public static RunStatus? Read(string path)
    {
        try
        {
            return JsonReading.File(Path.Combine(path, RunDirectory.StatusFile), json => new RunStatus(
                json.Member("state").Text(),
                json.Member("step").Whole(0, int.MaxValue),
                json.Has("message") ? json.Member("message").Text() : null,
                json.Has("host")
                    ? new RunOwner(
                        json.Member("host").Text(), json.Member("process").Whole(0, int.MaxValue),
                        json.Member("process_started").Long())
                    : null));
        }
        catch (PlasticException)
        {
            return null;
        }
    }
}
