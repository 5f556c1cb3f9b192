using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic new rule|task|project NAME`: writes files that work at once, and replaces none.</summary>
internal static class NewCommand
{
    private const string RuleName = "my_rule", TaskName = "my_task";

    public static ExitCode Run(NewRequest request, Output output)
    {
        var name = request.Name;
        RequireFree(name);
        var files = request.Kind switch
        {
            NewKind.Rule => new[] { ($"{name}.fsx", Rule(name)) },
            NewKind.Task => [($"{name}.fsx", Template("task.fsx").Replace(TaskName, name))],
            NewKind.FSharpProject => [
                (Path.Combine(name, $"{name}.fsproj"), Project("fsharp.fsproj.txt")),
                (Path.Combine(name, "Rule.fs"), Module(name))],
            NewKind.CSharpProject => [
                (Path.Combine(name, $"{name}.csproj"), Project("csharp.csproj.txt")),
                (Path.Combine(name, "Tasks.cs"), Template("task.cs.txt").Replace(TaskName, name))],
            _ => [
                (Path.Combine(name, $"{name}.fsproj"), Project("laws.fsproj.txt")),
                (Path.Combine(name, "Rule.fs"), Module(name)),
                (Path.Combine(name, "Program.fs"), Template("laws.fs.txt").Replace(RuleName, name))],
        };
        Write(files);
        output.Document(new { Files = files.Select(file => file.Item1), Next = Next(request) });
        foreach (var (file, _) in files) output.Result(file);
        foreach (var next in Next(request)) output.Message($"next: {next}");
        return ExitCode.Ok;
    }

    private static string[] Next(NewRequest request) => request.Kind switch
    {
        NewKind.Rule => [$"plastic laws ./{request.Name}.fsx", $"plastic train cuereward rule=./{request.Name}.fsx max_batch=2000"],
        NewKind.Task => [$"plastic train ./{request.Name}.fsx rule=hebbian"],
        NewKind.FSharpProject => [Build(request), $"plastic train cuereward rule=./{Assembly(request)} max_batch=2000"],
        NewKind.CSharpProject => [Build(request), $"plastic train ./{Assembly(request)} rule=hebbian"],
        _ => [$"dotnet run --project {request.Name} -c Release"],
    };

    private static string Build(NewRequest request) => $"dotnet build {request.Name} -c Release";

    private static string Assembly(NewRequest request) => $"{request.Name}/bin/Release/net10.0/{request.Name}.dll";

    private static void RequireFree(string name)
    {
        if (RuleBook.TryFind(name, out _) || Listing.Tasks.Any(task => task.Name == name) || Listing.Experiments.Any(plan => plan.Name == name))
        {
            throw new PlasticException(ExitCode.Usage, $"{name} is built in; choose another name");
        }
    }

    private static string Rule(string name) => Template("rule.fsx").Replace(RuleName, name);

    private static string Module(string name) => $"module {name}.Rule\n\n{Rule(name)}";

    private static string Project(string template) => Template(template).Replace("VERSION", ProgramVersion.Text.Split('+')[0]);

    /// <summary>Writes all files or none.</summary>
    private static void Write(IReadOnlyList<(string Name, string Content)> files)
    {
        foreach (var (name, _) in files)
        {
            if (Path.Exists(name)) throw new PlasticException(ExitCode.Exists, $"{name} exists: choose another name, or move it");
        }
        foreach (var (name, content) in files)
        {
            if (Path.GetDirectoryName(name) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            AtomicFile.Write(name, content);
        }
    }

    private static string Template(string name) => Resource.Text($"New.{name}");
}
