using Plastic.CommandLine;
using Plastic.Laws;

namespace Plastic.Host;

/// <summary>`plastic laws RULE`: the laws that every rule must keep, each on random networks of the rule; one line per law.</summary>
internal static class LawsCommand
{
    private const int Name = 18;

    /// <summary>Ends with <see cref="ExitCode.Failed"/> when a law does not hold.</summary>
    public static ExitCode Run(LawsRequest request, Output output)
    {
        var rule = request.Rule.Name;
        var results = new List<LawResult>();
        var checks = Checks(request);
        output.Result($"{"law",-Name}{"cases",6}");
        foreach (var result in checks)
        {
            results.Add(result);
            Report(result, output);
        }

        var failed = results.Count(result => !result.Passed);
        output.Document(new
        {
            Rule = rule,
            request.Seed,
            Passed = failed == 0,
            Laws = results.Select(law => new
            {
                law.Name,
                law.Summary,
                law.Passed,
                law.Cases,
                law.Reason,
                law.Smallest,
                law.First,
                law.Replay,
            }),
        });
        output.Result(failed == 0
            ? $"{results.Count} laws hold for {rule}, with seed {request.Seed}"
            : $"{failed} of {results.Count} laws do not hold for {rule}, with seed {request.Seed}");
        return failed == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static IEnumerable<LawResult> Checks(LawsRequest request)
    {
        try
        {
            return RuleLaws.Check(request.Rule, request.Seed, request.Cases, request.Replay);
        }
        catch (ArgumentException)
        {
            throw new PlasticException(
                ExitCode.Usage, $"--replay must be seed,gamma,size, as printed by a failure, not '{request.Replay}'");
        }
    }

    private static void Report(LawResult law, Output output)
    {
        output.Verdict($"{law.Name,-Name}{law.Cases,6}", law.Passed);
        if (output.Verbose || !law.Passed) output.Result($"  {law.Summary}");
        if (law.Passed) return;
        output.Result($"  {Indented(law.Reason)}");
        if (law.Replay.Length == 0) return;
        output.Result($"  smallest case: {Indented(law.Smallest)}");
        output.Result($"  first case: {Indented(law.First)}");
        output.Result($"  to check only the first case: --replay {law.Replay}");
    }

    private static string Indented(string text) => text.Replace("\n", "\n  ", StringComparison.Ordinal);
}
