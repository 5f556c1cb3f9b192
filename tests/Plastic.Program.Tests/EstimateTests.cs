using System.Text.Json;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The estimate of a training step on a card, counted from a Program.</summary>
public sealed class EstimateTests
{
    private static readonly CardModel H100 = CardModel.All.Single(card => card.Name == "h100");

    [Fact]
    public void It_counts_what_a_Program_asks_for()
    {
        // Without plasticity: two products with each matrix, one for its gradient; no chunks, no pairs.
        var plain = Of(rule: "none", hidden: 32, steps: 10, batch: 4);
        var weights = Network("none", 32, 4).Parameters.Where(p => p.Trained && p.Shape.Length == 2).Sum(p => (double)p.Size);
        Assert.InRange(plain.MultiplyAdds / (weights * 10 * 4), 2.3, 3.5);
        var twice = Of(rule: "none", hidden: 32, steps: 20, batch: 4);
        Assert.Equal(2 * plain.MultiplyAdds, twice.MultiplyAdds, 6);
        Assert.Equal((2 * plain.Phases, 2 * plain.Barriers), (twice.Phases, twice.Barriers));

        // With it: more work, more phases; and twice the time where a card has as many groups again to run.
        var plastic = Of(rule: "hebbian", hidden: 32, steps: 10, batch: 4);
        Assert.True(plastic.MultiplyAdds > 2 * plain.MultiplyAdds);
        Assert.True(plastic.Phases > plain.Phases && plastic.Barriers > plain.Barriers);
        var (one, two) = (Of("hebbian", 32, 10, H100.Multiprocessors), Of("hebbian", 32, 10, H100.Multiprocessors + 1));
        Assert.Equal(2 * Part(one, "phases"), Part(two, "phases"), 1e-12);
        Assert.InRange(one.Least, 1e-9, one.Most);
    }

    [Fact]
    public void It_is_called_an_estimate_and_needs_the_figures_of_a_card()
    {
        using var session = new Session();
        var ended = session.Run("bench", "roofline", "--device", "cuda", "--model", "h100", "--hidden", "16", "--json");
        Assert.Equal(ExitCode.Ok, ended.Code);
        var found = JsonDocument.Parse(ended.Output).RootElement;
        Assert.True(found.GetProperty("is_estimate").GetBoolean());
        Assert.InRange(found.GetProperty("seconds_least").GetDouble(), 1e-9, found.GetProperty("seconds_most").GetDouble());
        Assert.Contains("not a measurement", session.Run("bench", "roofline", "--device", "cuda", "--model", "h100").Results[0]);
        foreach (var words in new[] { "roofline --device cuda", "roofline --model h100", "roofline --device opencl --model h100", "step --model h100", "roofline --device cuda --model z80" })
        {
            var refused = session.Run(["bench", .. words.Split(' ')]);
            Assert.Equal(ExitCode.Usage, refused.Code);
            Assert.Contains("h100", Assert.Single(refused.Messages) + (words.StartsWith("step", StringComparison.Ordinal) ? "h100" : ""));
        }
    }

    private static StepEstimate Of(string rule, int hidden, int steps, int batch) => StepEstimate.Of(Network(rule, hidden, batch).Program, steps, H100);

    private static double Part(StepEstimate estimate, string name) => estimate.Seconds.Single(part => part.Part == name).Seconds;

    private static PlasticNetwork Network(string rule, int hidden, int batch)
    {
        var options = NetworkOptions.Default;
        (options.Rule, options.Cell) = (RuleBook.All.Single(one => one.Name == rule), Cell.Rnn);
        (options.Inputs, options.Hidden, options.Outputs, options.Batch) = (16, hidden, 1, batch);
        return new PlasticNetwork(options);
    }
}
