namespace Plastic.Host;

/// <summary>
/// What the program prints: results on stdout, messages on stderr. With --json the results are one JSON document and nothing
/// else goes to stdout.
/// </summary>
internal sealed class Output(TextWriter results, TextWriter messages)
{
    // Runs that are trained at the same time write at the same time.
    private readonly TextWriter results = TextWriter.Synchronized(results), messages = TextWriter.Synchronized(messages);

    /// <summary>Results as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Only warnings and errors.</summary>
    public bool Quiet { get; init; }

    /// <summary>Details, and stack traces.</summary>
    public bool Verbose { get; init; }

    /// <summary>Whether to use colours on a terminal.</summary>
    public bool Color { get; init; }

    /// <summary>Whether messages go to a terminal, where lines can be overwritten.</summary>
    public bool MessagesTerminal { get; init; }

    /// <summary>A line of results as text; not printed with --json.</summary>
    public void Result(string line)
    {
        if (!Json) results.WriteLine(SafeText.Lines(line));
    }

    /// <summary>A line of results that ends with whether a check has passed.</summary>
    public void Verdict(string line, bool hasPassed)
    {
        if (Json) return;
        var (word, colour) = hasPassed ? ("ok", 32) : ("FAILED", 31);
        results.WriteLine(
            $"{SafeText.Lines(line)}  " + (Color && !Console.IsOutputRedirected ? $"\e[{colour}m{word}\e[0m" : word));
    }

    /// <summary>The results as JSON, named by their properties; printed once, only with --json.</summary>
    public void Document<T>(T document)
    {
        if (Json) results.Write(JsonText.Document(document));
    }

    /// <summary>Results as JSON on one line, for programs that collect many; printed only with --json.</summary>
    public void Line<T>(T document)
    {
        if (Json) results.WriteLine(JsonText.Line(document));
    }

    /// <summary>Text that --json does not change: help, the version.</summary>
    public void Text(string text) => results.WriteLine(text.TrimEnd());

    /// <summary>Progress; silenced by --quiet.</summary>
    public void Message(string line)
    {
        if (!Quiet) messages.WriteLine(SafeText.Lines(line));
    }

    /// <summary>A message that is shown only with -v.</summary>
    public void Detail(string line)
    {
        if (Verbose) messages.WriteLine(SafeText.Lines(line));
    }

    /// <summary>A warning; shown with --quiet too.</summary>
    public void Warn(string line) => messages.WriteLine($"plastic: warning: {SafeText.Line(line)}");

    /// <summary>Why the program fails, on one line.</summary>
    public void Error(string line) => messages.WriteLine($"plastic: {SafeText.Line(line)}");
}
