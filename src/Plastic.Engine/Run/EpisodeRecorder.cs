using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Copies what an <see cref="Episode"/> holds while groups run: outputs and input gradients of every step, states and fast weights at the end.</summary>
internal sealed unsafe class EpisodeRecorder : IObserver
{
    private readonly Plan plan;
    private readonly OutputReader reader = new();
    private readonly double[][] outputs;
    private readonly double[][] inputBars;
    private readonly double[][] states;
    private readonly double[][] fast;

    public EpisodeRecorder(Plan plan, Batch batch, bool wantGradient)
    {
        this.plan = plan;
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

    public bool WantsEnd => true;

    public void Step(in GroupContext run, int t) => reader.Step(run, t);

    public void StepBack(in GroupContext run, int t) => reader.StepBack(run, t);

    public void End(in GroupContext run)
    {
        for (var k = 0; k < states.Length; k++)
        {
            var place = plan.States[k].Next;
            for (var g = 0; g < run.Count; g++)
            {
                var from = run.At(place, g);
                for (var i = 0; i < place.Length; i++)
                {
                    states[k][(run.First + g) * place.Length + i] = from[i];
                }
            }
        }
        foreach (var (s, values) in plan.Plastic.Zip(fast))
        {
            var (rows, columns) = (s.Layout.Inputs, s.Layout.Outputs);
            for (var g = 0; g < run.Count; g++)
            {
                float* from = run.Fast(s, g, run.Steps), alpha = run.Alpha(s);
                for (var k = 0; k < rows * columns; k++)
                {
                    var at = s.Layout.At(k / columns, k % columns);
                    values[(run.First + g) * rows * columns + k] = s is DensePlan { IsOnTrace: true } ? alpha[at] * from[at] : from[at];
                }
            }
        }
    }

    private static Dictionary<string, double[]> ByName(IEnumerable<string> names, double[][] values) =>
        names.Zip(values).ToDictionary(x => x.First, x => x.Second);
}
