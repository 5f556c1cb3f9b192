using System.Globalization;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>`plastic bench roofline --device cuda --model h100`: how long a training step should take on a card that need not be there.</summary>
internal static class EstimateCommand
{
    /// <exception cref="PlasticException">There are no figures of the card.</exception>
    public static ExitCode Run(EstimateRequest request, Output output)
    {
        var card = CardModel.All.FirstOrDefault(card => card.Name == request.Model)
            ?? throw new PlasticException(
                ExitCode.Usage, $"there are no figures of {request.Model}: --model must be {string.Join(" or ", CardModel.All.Select(card => card.Name))}");
        var options = request.Workload.Network;
        var estimate = StepEstimate.Of(new PlasticNetwork(options).Program, request.Workload.Steps, card);
        var name = card.Name.ToUpperInvariant();
        output.Result(Text(
            $"{options.Cell.Name} {options.Rule.Name}, {options.Units} units, {request.Workload.Steps} steps, batch {options.Batch}: an estimate for one {name}, not a measurement"));
        string[] amounts =
        [
            Text($"{estimate.MultiplyAdds / 1e6:0} million"), Text($"{estimate.CacheBytes / 1e6:0} MB"), $"{estimate.Phases}", $"{estimate.Barriers}",
        ];
        for (var k = 0; k < estimate.Seconds.Count; k++)
        {
            var (part, seconds) = estimate.Seconds[k];
            output.Result(Text($"  {part,-28}{(k < amounts.Length ? amounts[k] : ""),16}{seconds * 1e6,8:0} µs"));
        }
        output.Result(Text($"between {estimate.Least * 1e3:0.00} ms, if all of it overlapped, and {estimate.Most * 1e3:0.00} ms, if nothing did"));
        output.Result(
            "counted from the StepProgram and the kernels' source; clocks and rates are published figures of the card, the time of a phase "
            + "and of a barrier are assumptions");
        output.Document(new
        {
            IsEstimate = true,
            Card = card,
            Cell = options.Cell.Name,
            Rule = options.Rule.Name,
            options.Hidden,
            request.Workload.Steps,
            options.Batch,
            estimate.MultiplyAdds,
            estimate.CacheBytes,
            estimate.Phases,
            estimate.Barriers,
            Seconds = estimate.Seconds.ToDictionary(part => part.Part, part => part.Seconds),
            SecondsLeast = estimate.Least,
            SecondsMost = estimate.Most,
        });
        return ExitCode.Ok;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
