using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// How the program ends after an exception: the one place where exceptions become exit codes.
/// </summary>
/// <param name="Code">The exit code.</param>
/// <param name="Line">Why, on one line.</param>
internal sealed record Failure(ExitCode Code, string Line)
{
    /// <summary>What comes before the line: the errors of a compiler, one line each.</summary>
    public IReadOnlyList<string> Details { get; private init; } = [];

    public static Failure Of(Exception thrown) => thrown switch
    {
        PlasticException expected => new(expected.Code, OneLine(expected.Message)),
        CodeException code => new(CodeOf(code.Fault), OneLine(code.Message)) { Details = [.. code.Details] },
        MissingImagesException missing => new(ExitCode.MissingInput, OneLine(missing.Message)),
        OptionsException options => new(ExitCode.Configuration, OneLine(options.Message)),
        ShapeException shape => new(ExitCode.BadData, OneLine(shape.Message)),
        MpiException rank => new(ExitCode.Configuration, OneLine(rank.Message)),
        DeviceException device => new(CodeOf(device.Fault), OneLine(device.Message)),
        IOException or UnauthorizedAccessException => new(ExitCode.InputOutput, OneLine(thrown.Message)),
        OutOfMemoryException => new(ExitCode.Failed, "not enough memory"),
        AggregateException { InnerException: { } inner } => Of(inner),
        DllNotFoundException missing => new(ExitCode.Configuration, $"a library cannot be loaded: {OneLine(missing.Message)}"),
        // What a module raised when it was first used, such as the table of settings.
        TypeInitializationException { InnerException: { } inner } => Of(inner),
        _ => new(ExitCode.Failed, $"internal error: {OneLine(thrown.Message)} ({thrown.GetType().Name}; run with -v for details)"),
    };

    private static ExitCode CodeOf(DeviceFault fault) =>
        fault is DeviceFault.NoLibrary or DeviceFault.NoDevice ? ExitCode.Configuration : ExitCode.Failed;

    private static ExitCode CodeOf(CodeFault fault) => fault switch
    {
        CodeFault.Misnamed => ExitCode.Usage,
        CodeFault.Untrusted => ExitCode.NotTrusted,
        _ => ExitCode.BadData,
    };

    /// <summary>A message of the system, without line breaks.</summary>
    public static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
