using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// Libraries that stand in for CUDA's driver and compiler (Cuda/*.c): cards made of this machine's memory and CPU, which refuse what CUDA
/// does not allow. They are built once for all tests.
/// </summary>
internal static class StandIn
{
    /// <summary>The libraries, by file: the driver, of CUDA 12.4 unless told otherwise; a compiler that it understands, and one that it does not.</summary>
    public const string Driver = "libcuda.so.1", Compiler = "libnvrtc.so.12", NewerCompiler = "libnvrtc.so.13";

    /// <summary>What compilers need beside them.</summary>
    public const string Words = "words.h";

    private static readonly string[] Compilers = ["clang-19", "clang-18", "clang-17", "clang-16"];

    private static readonly Lazy<string?> Built = new(Build);

    /// <summary>Whether there is a compiler for them.</summary>
    public static bool IsThere => Built.Value is not null;

    /// <summary>The folder of the libraries; skips the test where there is no compiler for them.</summary>
    public static string Folder
    {
        get
        {
            Skip.If(Built.Value is null, "clang 16 or later is not installed");
            return Built.Value!;
        }
    }

    /// <summary>Loads the libraries into this process: what asks for CUDA's by their names from then on gets them.</summary>
    public static void Load()
    {
        NativeLibrary.Load(Path.Combine(Folder, Driver));
        NativeLibrary.Load(Path.Combine(Folder, Compiler));
    }

    /// <summary>Opens the card that they make, in this process.</summary>
    public static IDevice Open()
    {
        Load();
        return Devices.Open("cuda");
    }

    /// <summary>Runs the program with the libraries in reach.</summary>
    /// <param name="settings">Of the stand-ins, such as STANDIN_DEVICES=2, and PLASTIC_CACHE, which is a folder of its own otherwise.</param>
    /// <param name="words">The command.</param>
    public static (ExitCode Code, string Output, string[] Messages, string[] Calls) Run(string[] settings, params string[] words) =>
        Run(Folder, settings, words);

    /// <summary>Runs the program with the libraries of a folder in reach.</summary>
    public static (ExitCode Code, string Output, string[] Messages, string[] Calls) Run(string libraries, string[] settings, string[] words)
    {
        var place = Directory.CreateTempSubdirectory("plastic-standin-");
        try
        {
            var log = Path.Combine(place.FullName, "log");
            File.WriteAllText(log, "");
            var environment = new Dictionary<string, string>
            {
                ["LD_LIBRARY_PATH"] = libraries,
                ["STANDIN_LOG"] = log,
                ["CUDA_HOME"] = "",
                ["CUDA_PATH"] = "",
                ["PLASTIC_CACHE"] = Path.Combine(place.FullName, "cache"),
            };
            foreach (var setting in settings) environment[setting.Split('=')[0]] = setting.Split('=')[1];
            var (code, output, errors) = Processes.Run(
                AppContext.BaseDirectory, Environment.ProcessPath!, [typeof(Application).Assembly.Location, .. words], environment);
            return ((ExitCode)code, output, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), File.ReadAllLines(log));
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    /// <summary>Requires that nothing was called that CUDA does not allow, and that everything was given back.</summary>
    public static void AssertTidy(string[] calls)
    {
        Assert.DoesNotContain(calls, call => call.StartsWith("fault", StringComparison.Ordinal));
        Assert.Matches(new Regex("^left: buffers=0 pinned=0 streams=0 events=0 modules=0 contexts=0; faults=0 "), calls[^1]);
    }

    private static string? Build()
    {
        var path = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator);
        if (Array.Find(Compilers, name => path.Any(folder => File.Exists(Path.Combine(folder, name)))) is not { } compiler) return null;
        var sources = Path.Combine(ReadmeTests.Root, "tests", "Plastic.Program.Tests", "Cuda");
        var to = Directory.CreateTempSubdirectory("plastic-standin-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(to, recursive: true);
        foreach (var (name, source, version) in new[] { (Driver, "driver.c", 0), (Compiler, "nvrtc.c", 12), (NewerCompiler, "nvrtc.c", 13) })
        {
            var (code, _, errors) = Processes.Run(
                sources, compiler,
                ["-O1", "-shared", "-fPIC", $"-DVERSION={version}", "-Wall", "-Wextra", "-Werror", $"-Wl,-soname,{name}", "-o", Path.Combine(to, name), source]);
            Assert.True(code == 0, errors);
        }
        File.Copy(Path.Combine(sources, Words), Path.Combine(to, Words));
        return to;
    }
}
