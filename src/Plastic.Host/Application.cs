using Plastic.CommandLine;

namespace Plastic.Host;

/// <summary>From the command line to an exit code.</summary>
internal static class Application
{
    /// <summary>Runs the program; never throws.</summary>
    public static ExitCode Run(string[] words, TextWriter results, TextWriter messages)
    {
        // Used until the command line is parsed, which can fail too.
        var output = new Output(results, messages)
        {
            Json = words.Contains("--json"),
            Verbose = words.Contains("-v") || words.Contains("--verbose"),
        };
        try
        {
            var invocation = CommandParser.Parse(words, new DeferredLoader());
            output = new Output(results, messages)
            {
                Json = invocation.Json,
                Quiet = invocation.Quiet,
                Verbose = invocation.Verbose,
                Color = !invocation.NoColor && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
                ResultsWidth = messages == Console.Error && !Console.IsOutputRedirected ? Console.WindowWidth : null,
                Answers = messages == Console.Error && !Console.IsErrorRedirected && !Console.IsInputRedirected ? Console.In : null,
                Live = messages == Console.Error && !Console.IsErrorRedirected && !invocation.Quiet
                    ? new LiveLines(messages, () => (Console.WindowWidth, Console.WindowHeight))
                    : null,
            };
            return Dispatch(invocation.Command, words, output);
        }
        catch (Exception thrown)
        {
            var failure = Failure.Of(thrown);
            if (InRanks.IsSaid(words)) return failure.Code;
            output.Error(failure);
            output.Detail(thrown.ToString());
            return failure.Code;
        }
    }

    private static ExitCode Dispatch(Command command, string[] words, Output output) => command switch
    {
        TrainRequest train => InRanks.Lead(
            train.Resources, output, team => TrainCommand.Run(train, words, output, team), place => train.Plan.Runs[place]),
        ResumeRequest resume => InRanks.Lead(
            resume.Resources, output, team => ResumeCommand.Run(resume, words, output, team), _ => ResumeCommand.RunOf(resume)),
        SubmitRequest submit => SubmitCommand.Run(submit, words, output),
        StatusRequest status => StatusCommand.Run(status, output),
        WorkRequest work => WorkCommand.Run(work, output),
        ClaimsRequest claims => ClaimsCommand.Run(claims, words, output),
        FiguresRequest figures => (ExitCode)FiguresCommand.Run(figures, output),
        ListRequest list => ListCommand.Run(list, output),
        ReportRequest report => ReportCommand.Run(report, output),
        EvalRequest eval => EvalCommand.Run(eval, output),
        ExportRunRequest export => ExportRunCommand.Run(export, output),
        ExportMetricsRequest export => ExportMetricsCommand.Run(export, output),
        ExportTensorBoardRequest export => ExportTensorBoardCommand.Run(export, output),
        AnalyseRequest analyse => AnalyseCommand.Run(analyse, output),
        WatchRequest watch => WatchCommand.Run(watch, output),
        CompareRequest compare => CompareCommand.Run(compare, output),
        StopRequest stop => StopCommand.Run(stop, output),
        RemoveRequest remove => RemoveCommand.Run(remove, output),
        ShowRequest show => ShowCommand.Run(show, output),
        ConfigRequest config => ConfigCommand.Run(config, output),
        BenchStepRequest bench => InRanks.Run(bench.Resources, output, (team, output) => BenchStepCommand.Run(bench, output, team)),
        BenchEncoderRequest bench => BenchEncoderCommand.Run(bench, output),
        EstimateRequest estimate => EstimateCommand.Run(estimate, output),
        RooflineRequest roofline => RooflineCommand.Run(roofline, output),
        VerifyRequest verify => (ExitCode)VerifyCommand.Run(verify, output),
        DevicesRequest => DevicesCommand.Run(output),
        SelftestRequest selftest => SelftestCommand.Run(selftest, output),
        GradcheckRequest gradcheck => (ExitCode)GradcheckCommand.Run(gradcheck, output),
        LawsRequest laws => LawsCommand.Run(laws, output),
        NewRequest request => NewCommand.Run(request, output),
        ImageRequest request => ImageCommand.Run(request, output),
        HelpRequest help => Say(help.Text, output),
        VersionRequest => Say($"plastic {ProgramVersion.Text}", output),
        Rejected rejected => throw new PlasticException(
            rejected.IsUsage ? ExitCode.Usage : ExitCode.Configuration, rejected.Message),
        _ => throw new NotSupportedException($"no handler for {command.GetType().Name}"),
    };

    private static ExitCode Say(string text, Output output)
    {
        output.Text(text);
        return ExitCode.Ok;
    }
}
