using Plastic.Core;

namespace Plastic.Host;

/// <summary>
/// How the program ends after an exception: the one place where exceptions become exit codes.
/// </summary>
/// <param name="Code">The exit code.</param>
/// <param name="Line">Why, on one line.</param>
internal sealed record Failure(ExitCode Code, string Line)
{
    public static Failure Of(Exception thrown) => thrown switch
    {
        PlasticException expected => new(expected.Code, OneLine(expected.Message)),
        OptionsException options => new(ExitCode.Configuration, OneLine(options.Message)),
        ShapeException shape => new(ExitCode.BadData, OneLine(shape.Message)),
        IOException or UnauthorizedAccessException => new(ExitCode.InputOutput, OneLine(thrown.Message)),
        OutOfMemoryException => new(ExitCode.Failed, "not enough memory"),
        AggregateException { InnerException: { } inner } => Of(inner),
        // What a module raised when it was first used, such as the table of settings.
        TypeInitializationException { InnerException: { } inner } => Of(inner),
        _ => new(ExitCode.Failed, $"internal error: {OneLine(thrown.Message)} ({thrown.GetType().Name}; run with -v for details)"),
    };

    /// <summary>A message of the system, without line breaks.</summary>
    public static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
