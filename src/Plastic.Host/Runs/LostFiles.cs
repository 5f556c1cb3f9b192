namespace Plastic.Host;

/// <summary>What a finished run no longer has, and the command that makes it again.</summary>
/// <param name="Path">The run's folder.</param>
/// <param name="Names">The missing files, at least one.</param>
/// <param name="HasCheckpoints">Whether it still has checkpoints.</param>
internal sealed record LostFiles(string Path, IReadOnlyList<string> Names, bool HasCheckpoints)
{
    /// <summary>Null where a run is not finished, or nothing is missing.</summary>
    public static LostFiles? Of(string path)
    {
        if (RunStatus.Read(path)?.State != RunState.Finished) return null;
        bool Has(params string[] names) => File.Exists(System.IO.Path.Combine([path, .. names]));
        // A folder of checkpoints may be deleted as a whole, to save space.
        var hasCheckpoints = Has(RunDirectory.Checkpoints, Checkpoint.LatestFile);
        var missing = new List<string>();
        if (!Has(RunDirectory.MetricsFile)) missing.Add(RunDirectory.MetricsFile);
        if (!Has(RunDirectory.TestFile)) missing.Add(RunDirectory.TestFile);
        if (hasCheckpoints && !Has(RunDirectory.Checkpoints, RunRecorder.BestFile)) missing.Add(RunRecorder.BestFile);
        return missing.Count == 0 ? null : new LostFiles(path, missing, hasCheckpoints);
    }

    /// <summary>Whether the run only tests the network of another one.</summary>
    public bool IsTest => File.Exists(System.IO.Path.Combine(Path, RunDirectory.InnerRateFile));

    /// <summary>Whether no checkpoint is enough to make them: what was logged during training is in none.</summary>
    public bool NeedsTraining => !HasCheckpoints || Names.Contains(RunDirectory.MetricsFile);

    /// <summary>"test.json is missing".</summary>
    public string Text => $"{string.Join(" and ", Names)} {(Names.Count == 1 ? "is" : "are")} missing";

    /// <summary>What is missing, and the command.</summary>
    public string Advice =>
        $"{Text}; {(IsTest ? $"the command in {RunDirectory.CommandFile}" : CommandText.Of(["resume", Path]))} makes {(Names.Count == 1 ? "it" : "them")} again";
}
