using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Copies what an <see cref="Episode"/> holds while groups run: outputs and input gradients of every step, states and fast weights at the
/// end. Shows these to a watcher after other steps too.
/// </summary>
internal sealed unsafe class EpisodeRecorder : IObserver
{
    private readonly Plan plan;
    private readonly IEpisodeWatcher? watcher;
    private readonly OutputReader reader = new();
    private readonly double[][] outputs;
    private readonly double[][] inputBars;
    private readonly double[][] states;
    private readonly double[][] fast;

    public EpisodeRecorder(Plan plan, Batch batch, bool wantGradient, IEpisodeWatcher? watcher)
    {
        (this.plan, this.watcher) = (plan, watcher);
        outputs = [.. plan.Outputs.Select(o => new double[batch.Size * batch.Steps * o.Place.Length])];
        states = [.. plan.States.Select(s => new double[batch.Size * s.Length])];
        fast = [.. plan.Plastic.Select(s => new double[batch.Size * s.Layout.Inputs * s.Layout.Outputs])];
        inputBars = wantGradient ? [.. plan.Inputs.Select(i => new double[batch.Size * batch.Steps * i.Length])] : [];
        foreach (var (output, values) in plan.Outputs.Zip(outputs))
        {
            reader.Read(output.Place, values);
        }
        foreach (var (input, values) in plan.Inputs.Zip(inputBars))
        {
            reader.ReadBar(input, values);
        }
    }

    public IReadOnlyDictionary<string, double[]> Outputs => ByName(plan.Outputs.Select(o => o.Name), outputs);

    public IReadOnlyDictionary<string, double[]> InputGradients => ByName(plan.Inputs.Select(i => i.Name), inputBars);

    public IReadOnlyDictionary<string, double[]> States => ByName(plan.States.Select(s => s.Name), states);

    public IReadOnlyDictionary<string, double[]> FastWeights => ByName(plan.Plastic.Select(s => s.Name), fast);

    public bool ReadsUpdates => true;

    public void Step(in GroupContext run, int t) => reader.Step(run, t);

    public void StepBack(in GroupContext run, int t) => reader.StepBack(run, t);

    public bool Reads(in GroupContext run, int t)
    {
        var isRead = t == run.Steps - 1;
        for (var g = 0; g < run.Count && !isRead; g++)
        {
            isRead = watcher?.Wants(run.First + g, t) ?? false;
        }
        return isRead;
    }

    public void After(in GroupContext run, int t)
    {
        for (var g = 0; g < run.Count; g++)
        {
            var sample = run.First + g;
            var isWatched = watcher?.Wants(sample, t) ?? false;
            for (var k = 0; k < states.Length; k++)
            {
                var values = new ReadOnlySpan<float>(run.At(plan.States[k].Next, g), plan.States[k].Length);
                if (isWatched) watcher!.SeeState(sample, t, plan.States[k].Name, values);
                if (t == run.Steps - 1) Widen(values, states[k], sample);
            }
            for (var k = 0; k < fast.Length; k++)
            {
                var values = FastOf(run, plan.Plastic[k], g);
                if (isWatched) watcher!.SeeFastWeights(sample, t, plan.Plastic[k].Name, values);
                if (t == run.Steps - 1) Widen(values, fast[k], sample);
            }
        }
    }

    /// <summary>F of sample g as the update leaves it, row by row.</summary>
    private static float[] FastOf(in GroupContext run, PlasticPlan s, int g)
    {
        var (rows, columns) = (s.Layout.Inputs, s.Layout.Outputs);
        var values = new float[rows * columns];
        float* from = run.FastAfter(s, g), alpha = run.Alpha(s);
        for (var k = 0; k < values.Length; k++)
        {
            var at = s.Layout.At(k / columns, k % columns);
            values[k] = s is DensePlan { IsOnTrace: true } ? alpha[at] * from[at] : from[at];
        }
        return values;
    }

    private static void Widen(ReadOnlySpan<float> from, double[] to, int sample)
    {
        for (var k = 0; k < from.Length; k++) to[sample * from.Length + k] = from[k];
    }

    private static Dictionary<string, double[]> ByName(IEnumerable<string> names, double[][] values) =>
        names.Zip(values).ToDictionary(x => x.First, x => x.Second);
}
