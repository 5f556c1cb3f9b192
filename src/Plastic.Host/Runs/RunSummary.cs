namespace Plastic.Host;

/// <summary>A summary of a run's folder.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Status">Null when status.json cannot be read.</param>
/// <param name="Test">The content of test.json; null when there is none that can be read.</param>
internal sealed record RunSummary(string Path, RunStatus? Status, TestResults? Test)
{
    private const string Lost = "lost";

    /// <summary>The run in a folder.</summary>
    public static RunSummary Of(string path) =>
        new(path, RunStatus.Read(path), JsonFile.ReadOrNull<TestResults>(System.IO.Path.Combine(path, RunDirectory.TestFile)));

    /// <summary>The state that the folder gives; lost where it gives running, and the process that trained it is gone.</summary>
    public string State => Status switch
    {
        null => "unknown",
        { State: RunState.Running, Owner: { } owner } => (owner.IsAlive, Silence) switch
        {
            (true, _) => RunState.Running.Name(),
            (false, _) => Lost,
            (null, var silence) when silence > RunOwner.LongestSilence => $"{Lost} ({owner.Host} has not been heard from for {DurationText.Of(silence)})",
            _ => $"{RunState.Running.Name()} on {owner.Host}",
        },
        { State: RunState.Finished } when LostFiles.Of(Path) is { } lost => $"{RunState.Finished.Name()}, but {lost.Text}",
        _ => Status.State.Name(),
    };

    /// <summary>Whether a process trains it, as far as can be seen from here.</summary>
    public bool IsTraining =>
        Status is { State: RunState.Running, Owner: { } owner } && (owner.IsAlive ?? Silence <= RunOwner.LongestSilence);

    private TimeSpan Silence =>
        DateTime.UtcNow - File.GetLastWriteTimeUtc(System.IO.Path.Combine(Path, RunDirectory.StatusFile));

    /// <summary>The state, and the test loss if there is one.</summary>
    public string Line
    {
        get
        {
            if (Status is null) return "status unknown";
            var state = Status.State == RunState.Finished ? State : $"{State} at step {Status.Step}";
            return Test is { } test ? $"{state}, test loss {LossText.Of(test.Loss)}" : state;
        }
    }
}
