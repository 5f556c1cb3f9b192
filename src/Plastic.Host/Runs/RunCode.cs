using System.Text;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Scripts;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// The code of a run whose rule or task comes from a file: the file itself as rule.fsx (.fs, .dll) or task.fsx, and what it holds as
/// rule.json or task.json; data.json names the data of a task, which are not copied. Reading a run reads only the latter; its code is loaded where a network is built or an episode drawn, and
/// only if the user has used the same file before or says --trust (docs/adr/0021-code-from-files.md).
/// </summary>
internal static class RunCode
{
    public const string RuleFile = "rule.json";
    public const string TaskFile = "task.json";
    public const string DataFile = "data.json";

    /// <summary>The files of a new run's folder that hold its code, by their names; none for a rule and a task that are built in.</summary>
    public static IReadOnlyDictionary<string, byte[]> Files(Run run)
    {
        var files = new Dictionary<string, byte[]>();
        if (run.RuleFile is { } rule) Add(RuleFile, rule, JsonText.Document(RuleFacts.Of(run.Rule, rule)));
        if (run.TaskFile is { } task) Add(task.IsData ? DataFile : TaskFile, task, JsonText.Document(TaskFacts.Of(run, task)));
        return files;

        void Add(string name, CodeFile file, string facts)
        {
            files[name] = Encoding.UTF8.GetBytes(facts);
            if (!file.IsData) files[StoredName(name, file.Name)] = file.Content;
        }
    }

    /// <summary>What the names in a run's config.json stand for, without code: networks cannot be built with it.</summary>
    /// <exception cref="PlasticException">A description is damaged.</exception>
    public static Library Described(string path) => Read(
        path,
        facts => (facts.Task(), CodeFile.OfData(facts.File, facts.Value, facts.Sha256)),
        (facts, _) => (facts.Rule(), new CodeFile(facts.File, facts.Value, facts.Sha256, [])),
        (facts, _) => (facts.Task(), new CodeFile(facts.File, facts.Value, facts.Sha256, [])));

    /// <summary>The same with the code.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="reading">Whether it may run although the user has not used the same file before, and where data lies.</param>
    /// <exception cref="CodeException">It may not run, or cannot.</exception>
    /// <exception cref="PlasticException">The data are missing, or others.</exception>
    public static Library Loaded(string path, RunReading reading)
    {
        CodeFile File(ICodeFacts facts, string stored) => new(facts.File, facts.Value, facts.Sha256, InputFile.Bytes(stored));
        return Read(
            path,
            facts => RunData.Loaded(path, facts, reading.Data),
            (facts, stored) =>
            {
                var file = File(facts, stored);
                return (CodeLoader.StoredRule(file, stored, reading.Trust), file);
            },
            (facts, stored) =>
            {
                var file = File(facts, stored);
                return (CodeLoader.StoredTask(file, stored, reading.Trust), file);
            });
    }

    /// <summary>How the code that a run would be trained with differs from that in a folder, and what to do; null where it does not.</summary>
    public static string? Difference(string path, Run run)
    {
        var stored = Described(path);
        return Of("rule", RuleFile, run.RuleFile, stored.RuleFile(run.Settings.Rule))
            ?? Of("task", TaskFile, run.TaskFile, stored.TaskFile(run.Settings.Task))
            ?? RunData.Difference(path, run.TaskFile, stored.TaskFile(run.Settings.Task));

        string? Of(string kind, string facts, CodeFile? now, CodeFile? then) =>
            now is null or { IsData: true } || then is null || now.IsSameAs(then)
                ? null
                : $"{path} holds a run with the {kind} as {then.Name} was before ({Path.Combine(path, StoredName(facts, then.Name))} is a copy): "
                    + $"restore it to continue the run; for a new one, change the {kind}'s Name, or choose another folder with --out";
    }

    private static Library Read(
        string path, Func<TaskFacts, (Tasks.Task, CodeFile)> data, Func<RuleFacts, string, (Rule, CodeFile)> rule, Func<TaskFacts, string, (Tasks.Task, CodeFile)> task)
    {
        var library = Library.BuiltIn;
        if (Facts<RuleFacts>(path, RuleFile) is var (ruleFacts, ruleFile))
        {
            var (value, file) = Described(Path.Combine(path, RuleFile), () => rule(ruleFacts, ruleFile));
            library = Joining.Rule(library, value, file);
        }
        if (Facts<TaskFacts>(path, TaskFile) is var (taskFacts, taskFile))
        {
            var (value, file) = Described(Path.Combine(path, TaskFile), () => task(taskFacts, taskFile));
            library = Joining.Task(library, value, file);
        }
        var described = Path.Combine(path, DataFile);
        if (File.Exists(described))
        {
            var dataFacts = JsonFile.Read<TaskFacts>(described);
            var (value, file) = Described(described, () => data(dataFacts));
            library = Joining.Task(library, value, file);
        }
        return library;
    }

    /// <summary>What a description says, and the path of the file that it describes.</summary>
    private static (T Facts, string Stored)? Facts<T>(string path, string name) where T : class, ICodeFacts
    {
        var file = Path.Combine(path, name);
        if (!File.Exists(file)) return null;
        var facts = JsonFile.Read<T>(file);
        if (facts.File != Path.GetFileName(facts.File) || !CodeReference.IsCode(facts.File))
        {
            throw JsonFile.Fault(file, "file", "expected the name of an .fsx, .fs or .dll file");
        }
        return (facts, Path.Combine(path, StoredName(name, facts.File)));
    }

    private static T Described<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentException fault)
        {
            throw JsonFile.Fault(file, "", Failure.OneLine(fault.Message));
        }
    }

    private static string StoredName(string facts, string file) =>
        Path.GetFileNameWithoutExtension(facts) + Path.GetExtension(file).ToLowerInvariant();
}
