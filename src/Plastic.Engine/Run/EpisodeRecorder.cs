using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Gathers an <see cref="Episode"/> while groups run: outputs of every step, states and fast weights at the end.</summary>
internal sealed unsafe class Recorder : IObserver
{
    private readonly Plan plan;
    private readonly int steps;
    private readonly double[][] outputs;
    private readonly double[][] states;
    private readonly double[][] fast;

    public Recorder(Plan plan, Batch batch)
    {
        this.plan = plan;
        steps = batch.Steps;
        outputs = [.. plan.Outputs.Select(o => new double[batch.Size * steps * o.Place.Length])];
        states = [.. plan.States.Select(s => new double[batch.Size * s.Length])];
        fast = [.. Plastics.Select(s => new double[batch.Size * s.Source.Matrix.Rows * s.Source.Matrix.Columns])];
    }

    public IReadOnlyDictionary<string, double[]> Outputs => ByName(plan.Outputs.Select(o => o.Name), outputs);

    public IReadOnlyDictionary<string, double[]> States => ByName(plan.States.Select(s => s.Name), states);

    public IReadOnlyDictionary<string, double[]> FastWeights => ByName(Plastics.Select(s => s.Source.Matrix.Name), fast);

    public bool WantsEnd => true;

    private IEnumerable<SynapsePlan> Plastics => plan.Synapses.Where(s => s.IsPlastic);

    public void Step(int first, int count, int t, float** bases)
    {
        for (var k = 0; k < outputs.Length; k++)
        {
            var place = plan.Outputs[k].Place;
            for (var g = 0; g < count; g++)
            {
                Copy(outputs[k], ((first + g) * steps + t) * place.Length, Start(place, bases, g), place.Length);
            }
        }
    }

    public void End(int first, int count, float** bases, float* fastWeights)
    {
        for (var k = 0; k < states.Length; k++)
        {
            var place = plan.States[k].Next;
            for (var g = 0; g < count; g++)
            {
                Copy(states[k], (first + g) * place.Length, Start(place, bases, g), place.Length);
            }
        }
        foreach (var (s, values) in Plastics.Zip(fast))
        {
            var (rows, columns) = (s.Source.Matrix.Rows, s.Source.Matrix.Columns);
            for (var g = 0; g < count; g++)
            {
                var from = fastWeights + s.FastOffset + (long)g * s.StateSize;
                for (var k = 0; k < rows * columns; k++)
                {
                    values[(first + g) * rows * columns + k] = from[s.At(k / columns, k % columns)];
                }
            }
        }
    }

    private static float* Start(Place place, float** bases, int g) =>
        bases[(int)place.Region] + place.Offset + g * place.Stride;

    private static void Copy(double[] to, int at, float* from, int length)
    {
        for (var i = 0; i < length; i++)
        {
            to[at + i] = from[i];
        }
    }

    private static Dictionary<string, double[]> ByName(IEnumerable<string> names, double[][] values) =>
        names.Zip(values).ToDictionary(x => x.First, x => x.Second);
}
