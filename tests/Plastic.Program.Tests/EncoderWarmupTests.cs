using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The warm-up of an encoder is the training of a prototypical network, and of nothing else.</summary>
public sealed class EncoderWarmupTests : IDisposable
{
    private const int Updates = 6;

    private static readonly string[] Small =
    [
        "schedule=constant", "encoder=conv4", "encoder_width=2", "hidden=12", "batch=2", "validate_every=100", "validation_batches=1", "test_batches=1",
        $"max_batch={Updates}",
    ];

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("plastic-set-");
    private readonly string set;

    public EncoderWarmupTests() => set = $"data={MadeSet.Write(root.FullName, side: 16, seed: 1)}";

    public void Dispose() => root.Delete(recursive: true);

    [Theory]
    [InlineData("RNN", "hebbian")]
    [InlineData("LSTM", "gradient")]
    [InlineData("prototypes", "none")]
    public void It_leaves_the_encoder_of_a_prototypical_network_after_as_many_updates(string cell, string rule)
    {
        var prototypes = WeightsAt(Updates, ["cell=prototypes", "rule=none"]);
        string[] words = [$"cell={cell}", $"rule={rule}"];
        var warmed = WeightsAt(0, [.. words, $"encoder_warmup={Updates}"]);
        var cold = WeightsAt(0, words);
        Assert.Equal(cold.Keys, warmed.Keys);
        foreach (var (name, values) in warmed)
        {
            var isEncoder = name.StartsWith("encoder.", StringComparison.Ordinal) || name.StartsWith("projection.", StringComparison.Ordinal);
            Assert.Equal(isEncoder ? prototypes[name] : cold[name], values);
            Assert.Equal(isEncoder, !values.SequenceEqual(cold[name]));
        }
    }

    /// <summary>A run's weights at the start of a step, by name.</summary>
    private Dictionary<string, float[]> WeightsAt(int step, string[] words)
    {
        var run = MadeSet.Run([set, .. Small, .. words]);
        using var crew = new Crew(2);
        using var trainer = new Trainer(run, run.CreateNetwork(), crew, historyBytes: 1 << 20);
        Dictionary<string, float[]>? found = null;
        trainer.Run(new AtStep(step, () => found = trainer.State.Tensors
            .Where(tensor => tensor.Name.StartsWith("weights/", StringComparison.Ordinal))
            .ToDictionary(tensor => tensor.Name["weights/".Length..], tensor => (float[])tensor.Data.Clone())), CancellationToken.None);
        return found!;
    }

    private sealed class AtStep(int at, Action act) : ITrainingWatcher
    {
        public void Warmed(int done, int updates, double loss)
        {
        }

        public void Began(int step)
        {
            if (step == at) act();
        }

        public void Updated(int step, double loss)
        {
        }

        public void Logged(int step, double loss, double gradientNorm)
        {
        }

        public void Validated(Plastic.Host.Validation validation, float[][] weights)
        {
        }
    }
}
