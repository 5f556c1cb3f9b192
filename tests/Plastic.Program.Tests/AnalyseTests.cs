using System.IO.Compression;
using System.Text.Json;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`plastic analyse`: what it says is what the network does, whatever the rule, the cell and the task; and what it refuses.</summary>
public sealed class AnalyseTests : IDisposable
{
    private static readonly string[] Small = ["batch=8", "max_batch=30", "validate_every=30", "validation_batches=2", "test_batches=8", "--threads", "2"];

    private readonly Session session = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-analysis-");

    public void Dispose()
    {
        session.Dispose();
        folder.Delete(recursive: true);
    }

    [NumPyFact]
    public void The_numbers_are_those_of_the_exported_episodes()
    {
        var run = Trained("cuereward", ["rule=gradient", "hidden=6", "lr=0.01", .. Small]);
        var ended = session.Run("analyse", run, "-o", In("there"), "--episodes", "40", "--threads", "2");
        Assert.Equal((ExitCode.Ok, In("there")), (ended.Code, ended.Results[^1]));
        Assert.Equal(ExitCode.Ok, session.Run("export", run, "-o", In("run.npz"), "--episodes", "40", "--steps", "all").Code);

        Assert.Equal("done\n", Python.Run(folder.FullName, RidgeOfNumPy.Text + """
            a, r = np.load("there/analysis.npz"), np.load("run.npz")
            layers, sources = list(a["layers"]), list(a["sources"])
            assert layers == ["input", "recurrent", "cell", "output"], layers
            assert sources == ["F input", "F recurrent", "F cell", "F output", "F", "h"], sources
            n, T = r["targets"].shape[:2]
            assert np.allclose(a["eta"], r["eta"], atol=1e-6)
            for k, layer in enumerate(layers):
                assert np.allclose(a["fast_norm"][k], np.sqrt((r["fast." + layer].astype("f8") ** 2).sum(axis=(2, 3))), rtol=1e-6)
                assert np.allclose(a["slow_norm"][k], np.linalg.norm(r["weights." + layer + ".weight"]))

            loss = (r["step_weights"] * ((r["outputs"] - r["targets"]) ** 2).mean(axis=2)).sum(axis=1)
            assert np.allclose(a["loss_intact"], loss, rtol=1e-4), abs(a["loss_intact"] - loss).max()
            for name in a.files:
                if name.startswith("step_loss_"):
                    assert np.allclose(a[name].sum(-1), a[name[5:]].mean(-1)), name
            assert list(a["intervention_steps"]) == list(range(1, T + 1))
            assert (a["loss_fast_reset"][0] == a["loss_intact"]).all() and (a["loss_states_reset"][0] == a["loss_intact"]).all()
            assert (a["loss_frozen"][-1] == a["loss_intact"]).all()
            assert len({a["loss_frozen"][0].mean(), a["loss_intact"].mean(), *a["loss_without_layer"].mean(1)}) == 6

            def source(name, t):
                if name == "h": return r["state.h"][:, t].astype("f8")
                parts = layers if name == "F" else [name[2:]]
                return np.concatenate([x for p in parts for x in (r["fast." + p][:, t].reshape(n, -1), r[f"state.{p}.bias.fast"][:, t])], 1).astype("f8")

            part = np.arange(n) % 4
            def quality(x, y, part):
                errors = deviations = 0
                for p in range(4):
                    test = part == p
                    errors += ((y[test] - predict(x[~test], y[~test], x[test])) ** 2).sum()
                    deviations += ((y[test] - y[~test].mean()) ** 2).sum()
                return errors, deviations

            for k, t in [(0, 12), (1, 3), (4, 5), (5, 9)]:
                assert a["read_steps"][t] == t + 1
                x = source(sources[k], t)
                for s in [0, 11]:
                    e, d = quality(x, r["targets"][:, s, 0], part)
                    assert abs(a["targets_r2"][k, t, s] - (1 - e / d)) < 1e-5, (k, t, s, a["targets_r2"][k, t, s], 1 - e / d)
                found = [quality(x, r["inputs"][:, 2, i], part) for i in range(16)]
                r2 = 1 - sum(e for e, _ in found) / sum(d for _, d in found)
                assert abs(a["inputs_r2"][k, t, 2] - r2) < 1e-5
                assert abs(a["inputs_r2_each"][k, t, 2, 14] - (1 - found[14][0] / found[14][1])) < 1e-5
            assert np.isnan(a["inputs_r2"][0, 3, 4]) and not np.isnan(a["inputs_r2"][0, 4, 4])

            # Questions are the steps that show no reward.
            e = np.arange(n)
            s = 10 + e // 4 % 10
            x = source("h", 14)
            x, key = (x - x.mean(0))[e], r["inputs"][e, s] - r["inputs"][e, s].mean(0)
            error, deviation = quality((x[:, :, None] * key[:, None, :]).reshape(len(e), -1), r["targets"][e, s, 0], e % 4)
            assert abs(a["answers_r2"][5, 14] - (1 - error / deviation)) < 1e-5, (a["answers_r2"][5, 14], 1 - error / deviation)
            print("done")
            """));
    }

    [Fact]
    public void The_same_run_gives_the_same_bytes_and_every_figure_is_written()
    {
        var run = Trained("cuereward", ["rule=hebbian", "hidden=5", .. Small]);
        foreach (var threads in new[] { "1", "2" })
        {
            Assert.Equal(ExitCode.Ok, session.Run("analyse", run, "-o", In(threads), "--episodes", "20", "--threads", threads).Code);
        }
        string[] figures =
            ["eta", "fast_norm", "fast_share", "interventions", "loss_by_step", "read_answers", "read_inputs", "read_targets", "read_targets_by_step"];
        string[] expected = [.. from figure in figures from format in new[] { "csv", "pdf", "png", "svg" } select $"{figure}.{format}"];
        var files = Directory.GetFiles(In("1")).Select(file => Path.GetFileName(file)).ToArray();
        Assert.Equal([.. expected, "analysis.npz"], files.Order(StringComparer.Ordinal).OrderBy(name => name == "analysis.npz"));
        foreach (var file in files.Where(file => !file.EndsWith(".pdf", StringComparison.Ordinal)))
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(In("1"), file)), File.ReadAllBytes(Path.Combine(In("2"), file)));
        }
        Assert.StartsWith("curve,step,loss,low,high,episodes\n\"no learning from this step on\",1,", File.ReadAllText(Path.Combine(In("1"), "interventions.csv")));
    }

    [Theory]
    [InlineData("seqreproduction", "cell=LSTM", "rule=retroactive", "hidden=4", "n=3", "delay=2")]
    [InlineData("bohp_oneshot", "batch=4", "freeze_last=0", "--seed", "0")]
    [InlineData("patterns", "bits=6", "batch=1", "test_batches=40")]
    [InlineData("regression", "rule=oja", "hidden=4", "K=3")]
    [InlineData("cuereward", "cell=LSTM", "rule=neuromodulated", "hidden=4")]
    public void Rules_cells_and_tasks_are_analysed(string task, params string[] settings)
    {
        var run = Trained(task, [.. settings, .. Small.Where(word => !settings.Any(other => other.Split('=')[0] == word.Split('=')[0]))]);
        var ended = session.Run("analyse", run, "-o", In("there"), "--episodes", "24", "--threads", "2", "--json");
        Assert.Equal((ExitCode.Ok, 24), (ended.Code, JsonDocument.Parse(ended.Output).RootElement.GetProperty("episodes").GetInt32()));
        Assert.All(
            Arrays(In("there/analysis.npz")).Values.Where(array => array.Name.StartsWith("loss_", StringComparison.Ordinal)),
            array => Assert.All((double[])array.Data, loss => Assert.True(double.IsFinite(loss))));
    }

    [Fact]
    public void With_an_image_encoder_the_losses_of_all_test_episodes_are_those_of_the_test()
    {
        var run = Trained(
            $"data={MadeSet.Write(folder.FullName, side: 16, seed: 1)}",
            ["cell=RNN", "rule=gradient", "encoder=conv4", "encoder_width=2", "hidden=8", "batch=4", "max_batch=4", "validate_every=2", "validation_batches=2", "test_batches=8"]);
        Assert.Equal(ExitCode.Ok, session.Run("analyse", run, "-o", In("there"), "--threads", "2").Code);
        var arrays = Arrays(In("there/analysis.npz"));
        Assert.Equal(32, arrays["episode_index"].Shape[0]);
        Assert.Equal(TestResults.Read(run)!.TestLoss, ((double[])arrays["loss_intact"].Data).Average(), 1e-5);
        Assert.All((double[])arrays["targets_accuracy"].Data, share => Assert.InRange(share, 0, 1));
    }

    [Fact]
    public void Episodes_of_different_lengths_are_read_as_far_as_they_go()
    {
        var random = new Random(3);
        const int Count = 200, Steps = 6;
        double[] inputs = [.. Enumerable.Range(0, Count * Steps).Select(_ => random.NextDouble())];
        long[] lengths = [.. Enumerable.Range(0, Count).Select(k => k % 2 == 0 ? 4L : Steps)];
        Npz.Write(
            In("trials.npz"),
            [
                new NamedTensor("inputs", [Count, Steps, 1], inputs), new NamedTensor("targets", [Count, Steps, 1], inputs),
                new NamedTensor("lengths", [Count], lengths), new NamedTensor("split", [Count], Enumerable.Range(0, Count).Select(k => (long)(k % 5 / 3 + (k % 5 == 4 ? 1 : 0))).ToArray()),
            ],
            []);
        var run = Trained($"data={In("trials.npz")}", ["rule=hebbian", "hidden=4", .. Small]);
        Assert.Equal(ExitCode.Ok, session.Run("analyse", run, "-o", In("there"), "--threads", "1").Code);
        var arrays = Arrays(In("there/analysis.npz"));
        var reached = (double[])arrays["lengths"].Data;
        Assert.Equal([4, 6], reached.Distinct().Order());
        var norms = (double[])arrays["fast_norm"].Data;
        Assert.All(Enumerable.Range(0, norms.Length), k => Assert.Equal(k % Steps >= reached[k / Steps % reached.Length], double.IsNaN(norms[k])));
    }

    [Fact]
    public void What_cannot_be_analysed_is_refused_in_one_line()
    {
        void Refused(ExitCode code, string says, params string[] words)
        {
            var ended = session.Run(["analyse", .. words]);
            Assert.Equal((code, 1), (ended.Code, ended.Messages.Length));
            Assert.Contains(says, ended.Messages[0]);
        }

        var plain = Trained("cuereward", ["rule=none", "hidden=4", .. Small]);
        Refused(ExitCode.Configuration, "a network without plasticity (rule=none) has no fast weights to analyse", plain);
        Refused(ExitCode.MissingInput, "is not a finished run (plastic list runs)", In("nowhere"));
        Refused(ExitCode.MissingInput, "an analysis is of one: give the folder of one, such as", session.Out);
        Refused(ExitCode.Usage, "--episodes must be a whole number from 16 to 1024, not '3'", plain, "--episodes", "3");
        Refused(ExitCode.Usage, "analyse takes the folder of one run", plain, plain);
        Refused(ExitCode.Usage, "--output must name a folder, not ' '", plain, "-o", " ");
        Refused(ExitCode.Usage, "analyse needs the folder of a run");
        var plastic = Trained("cuereward", ["rule=hebbian", "hidden=4", .. Small]);
        File.WriteAllText(In("file"), "");
        Refused(ExitCode.InputOutput, "is a file", plastic, "-o", In("file/there"));
    }

    private string In(string name) => Path.Combine(folder.FullName, name);

    /// <summary>The arrays of numbers of an .npz file.</summary>
    private static Dictionary<string, NamedTensor> Arrays(string file)
    {
        using var zip = ZipFile.OpenRead(file);
        return zip.Entries.Where(entry => entry.Name is not ("layers.npy" or "sources.npy" or "axes.npy" or "run.npy")).Select(entry =>
        {
            using var content = entry.Open();
            return Npy.Read(Path.GetFileNameWithoutExtension(entry.Name), content, entry.Length);
        }).ToDictionary(array => array.Name);
    }

    private string Trained(string task, params string[] words)
    {
        var ended = session.Train(task, words);
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        return ended.Results[^1];
    }
}
