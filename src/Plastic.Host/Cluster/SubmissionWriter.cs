using System.Text;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Writes the folder of a submission.</summary>
internal static class SubmissionWriter
{
    /// <summary>Writes everything under a temporary name, and renames it.</summary>
    /// <param name="plan">The submission.</param>
    /// <param name="root">The folder of all runs.</param>
    /// <param name="hasCommands">Whether a file has the commands of its tasks, in place of job scripts.</param>
    /// <exception cref="PlasticException">It cannot be written; nothing is left of it.</exception>
    public static void Write(SubmissionPlan plan, string root, bool hasCommands)
    {
        var parent = Path.GetDirectoryName(plan.Path)!;
        var temporary = Path.Combine(parent, $".{Path.GetFileName(plan.Path)}.tmp");
        string In(string name) => Path.Combine(temporary, name);
        try
        {
            foreach (var left in Directory.GetDirectories(parent, ".*.tmp")) Directory.Delete(left, recursive: true);
            Directory.CreateDirectory(In(Submission.LogsFolder));
            AtomicFile.WriteThrough(In(Submission.TasksFile), Lines(plan, root, temporary));
            if (hasCommands)
            {
                AtomicFile.WriteThrough(
                    In(Submission.CommandsFile), string.Concat(Enumerable.Range(0, plan.Tasks.Count).Select(task => plan.Script.Line(task) + "\n")));
            }
            else
            {
                AtomicFile.WriteThrough(In(Submission.ScriptFile), plan.Script.Task);
                if (plan.DrawsFigures) AtomicFile.WriteThrough(In(Submission.FiguresFile), plan.FiguresScript);
            }
            ProgramCopy.Write(In(Submission.ProgramFolder));
            AtomicFile.WriteThrough(In(Submission.FactsFile), JsonText.Document(plan.Facts([], null)));
            CLibrary.SyncFolder(temporary);
            CLibrary.Rename(temporary, plan.Path);
            CLibrary.SyncFolder(parent);
        }
        catch (Exception thrown)
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            if (thrown is not (IOException or UnauthorizedAccessException)) throw;
            throw new PlasticException(ExitCode.InputOutput, $"cannot write to {parent}: {thrown.Message}", thrown);
        }
    }

    /// <summary>tasks.jsonl; the code of the runs is written on the way, once for all that share it.</summary>
    private static string Lines(SubmissionPlan plan, string root, string folder)
    {
        var codes = new Dictionary<string, string>();
        string? CodeOf(Run run)
        {
            if (run is { RuleFile: null, TaskFile: null }) return null;
            var key = $"{run.Settings.Rule} {run.RuleFile?.Hash} {run.Settings.Task} {run.TaskFile?.Hash}";
            if (codes.TryGetValue(key, out var known)) return known;
            var place = codes[key] = $"{Submission.CodeFolder}/{codes.Count}";
            Directory.CreateDirectory(Path.Combine(folder, place));
            foreach (var (name, content) in RunCode.Files(run))
            {
                AtomicFile.WriteThrough(Path.Combine(folder, place, name), stream => stream.Write(content));
            }
            return place;
        }

        var text = new StringBuilder();
        foreach (var task in plan.Tasks)
        {
            var runs = task.Select(each => TaskRun.Of(each.Run, Path.GetRelativePath(root, each.Path).Replace(Path.DirectorySeparatorChar, '/'), CodeOf(each.Run)));
            text.Append(JsonText.Line(new TaskLine([.. runs]))).Append('\n');
        }
        return text.ToString();
    }
}
