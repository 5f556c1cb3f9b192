using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// The runs that wait for their turn: those that the commands of runs which train will train too, and which have no folder yet. Nothing
/// that the commands name is loaded; one with files of code or data tells nothing.
/// </summary>
internal sealed class WaitingRuns
{
    private readonly Dictionary<string, IReadOnlyList<Run>> known = [];

    /// <summary>A loader that loads nothing.</summary>
    private sealed class NoLoader : ICodeLoader
    {
        public string ImagePlace => "";

        public (Rule, CodeFile) Rule(string reference) => throw new NotSupportedException(reference);

        public (Tasks.Task, CodeFile) Task(string reference) => throw new NotSupportedException(reference);

        public (Tasks.Task, CodeFile) Data(string path) => throw new NotSupportedException(path);

        public IEnumerable<(Tasks.Task, CodeFile)> Images(IEnumerable<string> sets) => [];
    }

    /// <summary>Those of some commands.</summary>
    /// <param name="commands">The commands of runs that train; null for one that is not known.</param>
    /// <param name="root">The folder of all runs.</param>
    public IEnumerable<Run> Of(IEnumerable<string?> commands, string root) => commands
        .OfType<string>().Distinct().SelectMany(PlannedBy)
        .DistinctBy(run => run.Directory)
        .Where(run => !Directory.Exists(Path.Combine(root, run.Directory)) && !Directory.Exists(Path.Combine(root, run.EarlierDirectory))
            && !StopFile.IsThere(Path.Combine(root, run.Directory)));

    private IReadOnlyList<Run> PlannedBy(string command)
    {
        if (known.TryGetValue(command, out var runs)) return runs;
        try
        {
            runs = CommandParser.Parse([.. CommandText.Words(command).Skip(1)], new NoLoader()).Command is TrainRequest train ? train.Plan.Runs : [];
        }
        catch (Exception)
        {
            // Another version's command, or one with files.
            runs = [];
        }
        return known[command] = runs;
    }
}
