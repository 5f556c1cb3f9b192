using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>A few-shot run with an encoder, its running statistics and its passes, ends in the same bytes however it was stopped, and only on the same images.</summary>
public sealed class FewShotResumeTests : IDisposable
{
    private static readonly string[] Small =
    [
        "cell=RNN", "schedule=constant", "encoder_width=2", "hidden=8", "batch=2", "max_batch=23", "validate_every=5", "validation_batches=2", "test_batches=2", "log_every=7",
    ];

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("plastic-set-");
    private readonly Session session = new();

    public void Dispose()
    {
        session.Dispose();
        root.Delete(recursive: true);
    }

    [Theory]
    [InlineData("conv4", "hebbian", 4, 17)]
    [InlineData("conv4", "none", 10, 21)]
    [InlineData("resnet12", "hebbian", 0, 13)]
    [InlineData("resnet12", "none", 5, 20)]
    public void A_run_that_was_stopped_ends_in_the_same_bytes_with_any_threads(string encoder, string rule, int first, int second)
    {
        var run = MadeSet.Run([$"data={MadeSet.Write(root.FullName, side: 16, seed: 1)}", .. Small, $"encoder={encoder}", $"rule={rule}"]);
        string whole = Path.Combine(session.Out, "whole"), cut = Path.Combine(session.Out, "cut"), together = Path.Combine(session.Out, "together");
        Assert.True(ResumeTests.Train(run, whole, threads: 1, stopAt: -1));
        Assert.True(ResumeTests.Train(run, together, threads: 2, stopAt: -1));
        Assert.False(ResumeTests.Train(run, cut, threads: 2, first, afterValidation: true));
        Assert.False(ResumeTests.Train(run, cut, threads: 1, second));
        Assert.True(ResumeTests.Train(run, cut, threads: 3, stopAt: -1));
        ResumeTests.HaveTheSameFiles(whole, together);
        ResumeTests.HaveTheSameFiles(whole, cut);
        if (encoder == "conv4") return;
        // One at construction; ten in each of 23 training batches, and in each of two batches at steps 0, 5, 10, 15 and 20.
        var passes = Safetensors.Read(Path.Combine(cut, "checkpoints/step-0000000023/state.safetensors")).Tensors
            .Single(tensor => tensor.Name.EndsWith("encoder.passes", StringComparison.Ordinal) && !tensor.Name.StartsWith("best/", StringComparison.Ordinal));
        Assert.Equal([1 + 10 * 23 + 10 * 2 * 5], (float[])passes.Data);
    }

    [Theory]
    [InlineData("conv4", "gradient")]
    [InlineData("resnet12", "hebbian")]
    public void So_does_one_that_was_stopped_within_the_warm_up_of_its_encoder_and_right_after_it(string encoder, string rule)
    {
        var run = MadeSet.Run([$"data={MadeSet.Write(root.FullName, side: 16, seed: 1)}", .. Small, $"encoder={encoder}", $"rule={rule}", "encoder_warmup=3"]);
        string whole = Path.Combine(session.Out, "whole"), cut = Path.Combine(session.Out, "cut");
        Assert.True(ResumeTests.Train(run, whole, threads: 1, stopAt: -1));
        Assert.False(ResumeTests.Train(run, cut, threads: 2, ResumeTests.InWarmup));
        Assert.False(ResumeTests.Train(run, cut, threads: 1, stopAt: 0, afterValidation: true));
        Assert.True(ResumeTests.Train(run, cut, threads: 2, stopAt: -1));
        ResumeTests.HaveTheSameFiles(whole, cut);
    }

    [Fact]
    public void A_run_continues_only_with_the_images_it_was_trained_on()
    {
        var folder = MadeSet.Write(root.FullName, side: 16, seed: 1);
        string[] words = [$"data={folder}", .. Small, "encoder=conv4", "rule=hebbian"];
        Assert.Equal(ExitCode.Ok, session.Train(words[0], words[1..]).Code);
        var run = RunDirectory.PathOf(session.Out, MadeSet.Run(words));
        Directory.Delete(folder, recursive: true);
        MadeSet.Write(root.FullName, side: 16, seed: 2);
        var before = session.Everything();
        foreach (var ended in new[] { session.Run("resume", run, "max_batch=30"), session.Run("eval", run), session.Train(words[0], words[1..]) })
        {
            Assert.Equal(ExitCode.Exists, ended.Code);
            Assert.Contains("SHA-256", ended.Messages[^1]);
        }
        Assert.Equal(before, session.Everything());
        Directory.Delete(folder, recursive: true);
        MadeSet.Write(root.FullName, side: 16, seed: 1);
        var resumed = session.Run("resume", run, "max_batch=30");
        Assert.True(resumed.Code == ExitCode.Ok, string.Join('\n', resumed.Messages));
    }

    [Fact]
    public void A_run_continues_only_with_the_same_classes_and_normalisation()
    {
        var folder = MadeSet.Write(root.FullName, side: 16, seed: 1);
        var file = Path.Combine(folder, ImageSetFacts.FileName);
        string[] words = [$"data={folder}", .. Small, "encoder=conv4", "rule=none"];
        Assert.Equal(ExitCode.Ok, session.Train(words[0], words[1..]).Code);
        var run = RunDirectory.PathOf(session.Out, MadeSet.Run(words));
        var facts = ImageSetFacts.Read(folder);
        ImageClassFacts train = facts.Train, test = facts.Test;
        foreach (var changed in new[]
        {
            facts with { Mean = [facts.Mean[0] / 2, .. facts.Mean[1..]] },
            facts with { Deviation = [.. facts.Deviation[..2], facts.Deviation[2] * 0.999] },
            facts with { Test = test with { Counts = [test.Counts[0] + 1, test.Counts[1] - 1, .. test.Counts[2..]] } },
            facts with { Test = test with { Names = [test.Names[0] + "x", .. test.Names[1..]] } },
            facts with { Train = new(train.Names[..^1], train.Counts[..^1]), Validation = new([train.Names[^1], .. facts.Validation.Names], [train.Counts[^1], .. facts.Validation.Counts]) },
        })
        {
            File.WriteAllText(file, JsonText.Document(changed));
            foreach (var ended in new[] { session.Run("eval", run), session.Run("resume", run, "max_batch=30"), session.Train(words[0], words[1..]) })
            {
                Assert.Equal(ExitCode.Exists, ended.Code);
                Assert.Contains("SHA-256", ended.Messages[^1]);
            }
        }
        // What no network is given may change.
        File.WriteAllText(file, JsonText.Document(facts with { Source = "elsewhere", Credits = [] }));
        Assert.Equal(ExitCode.Ok, session.Run("eval", run).Code);
        Assert.Contains(session.Run("data", "show", MadeSet.Name, "--data", root.FullName).Results, line => line.Contains(facts.Identity));
    }
}
