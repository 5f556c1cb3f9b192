using System.Runtime.CompilerServices;
using Plastic.Core;
using Plastic.Host;

namespace Plastic.Program.Tests;

/// <summary>Files of rules and tasks for tests, and a cache of compiled ones that lasts as long as the tests.</summary>
internal static class CodeFiles
{
    private static readonly DirectoryInfo Cache = Directory.CreateTempSubdirectory("plastic-cache-");

    [ModuleInitializer]
    internal static void UseOwnCache()
    {
        Environment.SetEnvironmentVariable("PLASTIC_CACHE", Cache.FullName);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Cache.Delete(recursive: true);
    }

    /// <summary>The files that sources compiled to.</summary>
    public static string[] Compiled() => Directory.GetFiles(Path.Combine(Cache.FullName, "compiled"));

    /// <summary>As if this user had never named a file.</summary>
    public static void Forget() => Directory.Delete(Path.Combine(Cache.FullName, "trusted"), recursive: true);

    /// <summary>A file that `plastic new` writes, under its own name.</summary>
    public static string Template(string name)
    {
        using var stream = typeof(Application).Assembly.GetManifestResourceStream($"Plastic.Host.New.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The rule that `plastic new rule` writes, with other pairs; with pre and post it is Hebb's rule, which learns biases too.</summary>
    public static string Rule(string name, string pairs) => Template("rule.fsx")
        .Replace("my_rule", name)
        .Replace("seen.Value gain * layer.Pre, layer.Post", pairs)
        .Replace("LearnsBiases = false", "LearnsBiases = true");

    /// <summary>A built-in rule under another name.</summary>
    public static Rule Renamed(Rule rule, string name) => new(
        name, rule.Summary, rule.Equation, rule.Source, rule.LearnsBiases, rule.AlphaSpread, rule.NeedsModulator, rule.TraceBound,
        rule.Settings, rule.Parameters, rule.Learn);

    /// <summary>Writes a file beside the session's folder: a text, or a copy of the file of that path.</summary>
    public static string Write(Session session, string name, string content)
    {
        var file = Path.Combine(Path.GetDirectoryName(session.Out)!, name);
        if (File.Exists(content)) File.Copy(content, file, overwrite: true);
        else File.WriteAllText(file, content);
        return file;
    }

    /// <summary>The folder of the session's one run at a place.</summary>
    public static string Folder(Session session, string place) => Directory
        .EnumerateFiles(session.Out, "config.json", SearchOption.AllDirectories)
        .Select(file => Path.GetDirectoryName(file)!)
        .Single(path => path.Contains(place, StringComparison.Ordinal));
}
