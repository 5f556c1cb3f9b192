// A task in C#, and a plastic network trained on it: recall at the end which of four symbols came first.
using Plastic.Core;
using Plastic.Engine;
using Plastic.Tasks;

const int symbols = 4, steps = 8, batch = 32;

// An episode is a pure function of its random stream: one symbol for each step, one-hot; the target at every step is the first symbol.
var first = Plastic.Tasks.Task.Create(
    "first", "name the first symbol", Loss.CrossEntropy, inputs: symbols, outputs: symbols, steps, chance: Math.Log(symbols),
    (settings, stream, input, target) =>
    {
        input.AsSpan().Clear();
        target.AsSpan().Clear();
        var wanted = -1;
        for (var t = 0; t < steps; t++)
        {
            var symbol = stream.Below(symbols);
            wanted = t == 0 ? symbol : wanted;
            input[t * symbols + symbol] = 1;
            target[t * symbols + wanted] = 1;
        }
    });

RuleBook.TryFind("hebbian", out var rule);
var options = NetworkOptions.Default;
(options.Rule, options.Loss, options.Inputs, options.Outputs, options.Hidden, options.Batch) =
    (rule, first.Loss, symbols, symbols, 32, batch);
var network = new PlasticNetwork(options);

using var crew = new Crew(threads: 2);
using var executor = new CpuExecutor(network.Program, crew);
using var learner = new Learner(executor, network.InitialValues(seed: 0), new AdamWSettings(), maxGradientNorm: 5, crew);
var episodes = first.EpisodesUnder(EpisodeSettings.Default);
for (var step = 0; step <= 400; step++)
{
    learner.Measure(episodes.Batch(first.TrainKey(seed: 0), step, batch));
    if (step % 100 == 0)
    {
        Console.WriteLine(FormattableString.Invariant($"step {step,3}   loss {learner.Loss:F4}   guessing {Math.Log(symbols):F4}"));
    }
    learner.Update(learningRate: 3e-3);
}
