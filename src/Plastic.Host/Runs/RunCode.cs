using System.Text;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// The code of a run whose rule or task comes from a file: the file itself as rule.fsx (.fs, .dll) or task.fsx, and what it holds as
/// rule.json or task.json; data.json names the data of a task, which are not copied. Reading a run reads only the latter; its code is loaded
/// where a network is built or an episode drawn, and only if the user has used the same file before or says --trust
/// (docs/adr/0021-code-from-files.md).
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
    public static Library Described(string path)
    {
        CodeFile Of(ICodeFacts facts, string description) => new(facts.File, description, facts.Value, facts.Sha256, []);
        try
        {
            return Read(
                path,
                (facts, description) => (facts.Rule(), Of(facts, description)),
                (facts, description) => (facts.Task(), Of(facts, description)),
                facts => (facts.Task(), CodeFile.OfData(facts.File, facts.Value, facts.Sha256)));
        }
        catch (CodeException fault)
        {
            throw new PlasticException(ExitCode.BadData, fault.Message, fault);
        }
    }

    /// <summary>The same with the code.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="reading">Whether it may run although the user has not used the same file before, and where data lies.</param>
    /// <exception cref="CodeException">It may not run, or cannot.</exception>
    /// <exception cref="PlasticException">The code or the data are missing, or others.</exception>
    public static Library Loaded(string path, RunReading reading)
    {
        bool IsTrusted(CodeFile file) => reading.Trust || CodeTrust.Has(file.Hash);
        CodeFile Of(ICodeFacts facts, string description)
        {
            var stored = StoredName(description, facts.File);
            return new(facts.File, stored, facts.Value, facts.Sha256, InputFile.Whole(stored));
        }
        return Read(
            path,
            (facts, description) =>
            {
                var file = Of(facts, description);
                return (DeferredLoader.Loader().StoredRule(file, IsTrusted(file)), file);
            },
            (facts, description) =>
            {
                var file = Of(facts, description);
                return (DeferredLoader.Loader().StoredTask(file, IsTrusted(file)), file);
            },
            facts => RunData.Loaded(path, facts, reading.Data));
    }

    /// <summary>The files of a run's code that this user has not named before: no command runs them without --trust.</summary>
    public static IEnumerable<string> Untrusted(string path, Run run) =>
        from code in new (string Facts, CodeFile? File)[] { (RuleFile, run.RuleFile), (TaskFile, run.TaskFile) }
        where code.File is { IsData: false } && !CodeTrust.Has(code.File.Hash)
        select StoredName(Path.Combine(path, code.Facts), code.File.Name);

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

    /// <summary>The built-in library with what a run's folder describes.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="rule">The rule of a description, and its file; gets the path of the description too.</param>
    /// <param name="task">The same of a task of a file of code.</param>
    /// <param name="data">The same of a task of a data file.</param>
    private static Library Read(
        string path,
        Func<RuleFacts, string, (Rule, CodeFile)> rule,
        Func<TaskFacts, string, (Tasks.Task, CodeFile)> task,
        Func<TaskFacts, (Tasks.Task, CodeFile)> data)
    {
        var library = Library.BuiltIn;
        Join(RuleFile, OfCode(rule), Joining.Rule);
        Join(TaskFile, OfCode(task), Joining.Task);
        Join<TaskFacts, Tasks.Task>(DataFile, (facts, _) => data(facts), Joining.Task);
        return library;

        void Join<TFacts, T>(string name, Func<TFacts, string, (T, CodeFile)> read, Func<Library, T, CodeFile, Library> join)
            where TFacts : class, ICodeFacts
        {
            var description = Path.Combine(path, name);
            if (!File.Exists(description)) return;
            var facts = JsonFile.Read<TFacts>(description);
            try
            {
                var (value, file) = read(facts, description);
                library = join(library, value, file);
            }
            catch (ArgumentException fault)
            {
                throw JsonFile.Fault(description, "", Failure.OneLine(fault.Message));
            }
        }
    }

    /// <summary>The same, where the description must name a file of code, not a path.</summary>
    private static Func<TFacts, string, (T, CodeFile)> OfCode<TFacts, T>(Func<TFacts, string, (T, CodeFile)> read)
        where TFacts : class, ICodeFacts => (facts, description) =>
            facts.File == Path.GetFileName(facts.File) && CodeReference.IsCode(facts.File)
                ? read(facts, description)
                : throw JsonFile.Fault(description, "file", "expected the name of an .fsx, .fs or .dll file");

    /// <summary>The path of the file that lies beside its description: rule.fsx beside rule.json.</summary>
    private static string StoredName(string description, string file) =>
        Path.ChangeExtension(description, Path.GetExtension(file).ToLowerInvariant());
}
