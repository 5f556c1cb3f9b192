namespace Plastic.Host;

/// <summary>
/// What the program prints: results on stdout, messages on stderr. With --json the results are one JSON document and nothing
/// else goes to stdout, and warnings and errors are JSON too, one a line.
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

    /// <summary>Lines that are written again as they change; null where messages go to no terminal.</summary>
    public LiveLines? Live { get; init; }

    /// <summary>The width of the terminal that results go to; null where they go to no terminal, and lines may be of any length.</summary>
    public int? ResultsWidth { get; init; }

    /// <summary>Where a person answers questions; null where there is nobody to ask.</summary>
    public TextReader? Answers { get; init; }

    /// <summary>Whether there is somebody to ask.</summary>
    public bool CanAsk => Answers is not null;

    /// <summary>Asks a question; only "y" and "yes" are a yes.</summary>
    public bool Ask(string question)
    {
        messages.Write($"{SafeText.Line(question)} [y/N] ");
        return Answers?.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>A line of results as text; not printed with --json.</summary>
    public void Result(string line)
    {
        if (!Json) Put(results, SafeText.Lines(line));
    }

    /// <summary>A line of results that ends with whether a check has passed.</summary>
    public void Verdict(string line, bool hasPassed)
    {
        if (Json) return;
        var (word, colour) = hasPassed ? ("ok", 32) : ("FAILED", 31);
        Put(results, $"{SafeText.Lines(line)}  " + (Color && !Console.IsOutputRedirected ? $"\e[{colour}m{word}\e[0m" : word));
    }

    /// <summary>The results as JSON, named by their properties; printed once, only with --json.</summary>
    public void Document<T>(T document)
    {
        if (Json) Put(results, JsonText.Document(document), isWhole: false);
    }

    /// <summary>Results as JSON on one line, for programs that collect many; printed only with --json.</summary>
    public void Line<T>(T document)
    {
        if (Json) Put(results, JsonText.Line(document));
    }

    /// <summary>Text that --json does not change: help, the version.</summary>
    public void Text(string text) => Put(results, text.TrimEnd());

    /// <summary>Progress; silenced by --quiet.</summary>
    public void Message(string line)
    {
        if (!Quiet) Put(messages, SafeText.Lines(line));
    }

    /// <summary>A message that is shown only with -v.</summary>
    public void Detail(string line)
    {
        if (Verbose) Put(messages, SafeText.Lines(line));
    }

    /// <summary>A warning; shown with --quiet too.</summary>
    public void Warn(string line) =>
        Put(messages, Json ? JsonText.Line(new { Warning = line }) : $"plastic: warning: {SafeText.Line(line)}");

    /// <summary>Why the program fails, on one line, after the details if there are any.</summary>
    public void Error(Failure failure)
    {
        if (Json)
        {
            Put(messages, JsonText.Line(new
            {
                Error = new { Kind = failure.Code, ExitCode = (int)failure.Code, Message = failure.Line, failure.Details },
            }));
            return;
        }
        foreach (var line in failure.Details.Append(failure.Line)) Put(messages, $"plastic: {SafeText.Line(line)}");
    }

    /// <summary>Writes a text, as a line of its own unless it has its line ends, and above what is written again and again.</summary>
    private void Put(TextWriter writer, string text, bool isWhole = true)
    {
        void Write()
        {
            if (isWhole) writer.WriteLine(text);
            else writer.Write(text);
        }
        if (Live is { } live) live.Above(Write);
        else Write();
    }
}
