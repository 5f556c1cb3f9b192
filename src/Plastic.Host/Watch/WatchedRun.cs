using Plastic.Settings;

namespace Plastic.Host;

/// <summary>A run as the page has it: what its folder says, read again where that changes.</summary>
internal sealed class WatchedRun
{
    // What the program writes whole is far shorter.
    private const int Longest = 1 << 24;

    /// <summary>The kind of a run whose files are damaged.</summary>
    public const string Unreadable = "unreadable";

    private readonly WatchedFile config, status, test, label, metrics, timing, resumed;
    private readonly GrowingLines metricLines, timingLines, resumedLines;
    private readonly RunPace pace = new();
    private FileMark folder = new(-2, default), checkpoints = new(-2, default);
    private DateTime readAt;
    private RunStatus? known;
    private string state = "";
    private string? command, fault;

    /// <param name="root">The folder of all runs.</param>
    /// <param name="path">The run's folder, below it.</param>
    /// <param name="reads">Counts the files that are opened.</param>
    public WatchedRun(string root, string path, Counter reads)
    {
        Path = path;
        WatchedFile Whole(string name) => new(System.IO.Path.Combine(path, name), reads, Longest);
        (WatchedFile, GrowingLines) Growing(string name) => (new(System.IO.Path.Combine(path, name), reads), new(System.IO.Path.Combine(path, name)));
        (config, status, test, label) = (Whole(RunDirectory.ConfigFile), Whole(RunDirectory.StatusFile), Whole(RunDirectory.TestFile), Whole(RunLabel.File));
        (metrics, metricLines) = Growing(RunDirectory.MetricsFile);
        (timing, timingLines) = Growing(RunDirectory.TimingFile);
        (resumed, resumedLines) = Growing(RunDirectory.ResumedFile);
        Place = new RunPlace(System.IO.Path.GetRelativePath(root, path).Replace(System.IO.Path.DirectorySeparatorChar, '/'));
    }

    /// <summary>The run's folder.</summary>
    public string Path { get; }

    /// <summary>Where it is below the folder of all runs.</summary>
    public RunPlace Place { get; }

    /// <summary>When it last changed, counted by the index.</summary>
    public long Version { get; set; }

    /// <summary>Its settings; null where they cannot be read.</summary>
    public Run? Run { get; private set; }

    /// <summary>Its test; null before.</summary>
    public TestResults? Test { get; private set; }

    /// <summary>What a person calls it.</summary>
    public RunLabel Label { get; private set; } = new("", []);

    /// <summary>The command that trains it, read once; null where it does not train, or that cannot be read.</summary>
    public string? Command => Kind == "running" ? command ??= RunDirectory.CommandOf(Path) ?? "" : null;

    /// <summary>What it has logged.</summary>
    public RunSeries Series { get; } = new();

    /// <summary>In words, as `plastic list runs` has it.</summary>
    public string State => Run is null ? Unreadable : state;

    /// <summary>In one word, for colours and counts: running, finished, failed, stopped, lost, or unreadable.</summary>
    public string Kind => (Run, known?.State) switch
    {
        (null, _) or (_, null) => Unreadable,
        (_, RunState.Running) => state.StartsWith(RunState.Running.Name(), StringComparison.Ordinal) ? "running" : "lost",
        (_, RunState.Finished) => state == RunState.Finished.Name() ? "finished" : "lost",
        (_, RunState.Failed) => "failed",
        _ => "stopped",
    };

    /// <summary>Why it ended, if it failed; or why it cannot be read.</summary>
    public string? Message => fault ?? known?.Message;

    /// <summary>The last step that is known of.</summary>
    public int Step => Math.Max(known?.Step ?? 0, Series.LastStep);

    /// <summary>Its steps when it is finished.</summary>
    public int Steps => Run?.Settings.MaxBatch ?? 0;

    /// <summary>The time it still takes; null where it does not train, or that is not known yet.</summary>
    public TimeSpan? Left => Kind == "running" ? pace.Between(Step, Steps) : null;

    /// <summary>Reads what has changed, and says whether anything has.</summary>
    public bool Refresh(DateTime now)
    {
        try
        {
            return Changed(now);
        }
        catch (Exception thrown)
        {
            // One damaged run must not take the others away.
            (Run, fault) = (null, Failure.Of(thrown).Line);
            return true;
        }
    }

    private bool Changed(DateTime now)
    {
        // Nothing is added to the files of a run that does not train, so its folders tell of every change.
        var found = (FileMark.OfFolder(Path), FileMark.OfFolder(System.IO.Path.Combine(Path, RunDirectory.Checkpoints)));
        var isStill = folder.IsStill(found.Item1, readAt) && checkpoints.IsStill(found.Item2, readAt);
        if (isStill && Kind != "running") return false;
        ((folder, checkpoints), readAt) = (found, now);
        var changed = false;
        void When(WatchedFile file, Action read)
        {
            if (!file.HasChanged(now)) return;
            read();
            changed = true;
        }
        if (!isStill)
        {
            When(config, () => Run = Read());
            When(label, () => Label = label.Exists ? RunLabel.Read(Path) : new RunLabel("", []));
            When(test, () => Test = test.Exists ? JsonFile.ReadOrNull<TestResults>(System.IO.Path.Combine(Path, RunDirectory.TestFile)) : null);
            When(status, () => known = status.Exists ? RunStatus.Read(Path) : null);
        }
        When(metrics, () => Grow(metrics, metricLines, Series.Clear, Series.Add));
        When(resumed, () => Grow(resumed, resumedLines, pace.ClearResumed, pace.AddResumed));
        When(timing, () => Grow(timing, timingLines, pace.Clear, pace.Add));
        var before = state;
        state = new RunSummary(Path, known, Test).State;
        return changed || state != before;
    }

    private static void Grow(WatchedFile file, GrowingLines lines, Action clear, Action<ReadOnlySpan<byte>> add)
    {
        if (file.Exists) lines.Read(clear, add);
        else clear();
    }

    private Run? Read()
    {
        try
        {
            // What describes its code is read with it.
            fault = config.Exists ? OwnFiles.Fault(Path, RunCode.RuleFile, RunCode.TaskFile, RunCode.DataFile) : OwnFiles.Fault(Path, RunDirectory.ConfigFile);
            return config.Exists && fault is null ? SavedRun.Read(Path) : null;
        }
        catch (PlasticException thrown)
        {
            fault = thrown.Message;
            return null;
        }
    }
}
