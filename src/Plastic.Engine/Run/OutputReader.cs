namespace Plastic.Engine;

/// <summary>Copies values of every sample and step while groups run: outputs, and cotangents of the batch's data.</summary>
internal sealed unsafe class OutputReader : IObserver
{
    private readonly List<(Place Place, double[] Values)> outputs = [], bars = [];

    public bool ReadsUpdates => false;

    /// <summary>Reads nothing from now on.</summary>
    public void Clear()
    {
        outputs.Clear();
        bars.Clear();
    }

    /// <summary>Adds an output to what is read, and says where its values go: [batch, steps, length].</summary>
    public void Read(Place place, double[] values) => outputs.Add((place, values));

    /// <summary>Adds the cotangent of an input to what is read, and says where it goes: [batch, steps, length]. One that is zero has no place.</summary>
    public void ReadBar(InputPlan input, double[] values)
    {
        if (input.Bar is { } place)
        {
            bars.Add((place, values));
        }
        else
        {
            Array.Clear(values);
        }
    }

    public void Step(in GroupContext run, int t) => Copy(run, t, outputs);

    public void StepBack(in GroupContext run, int t) => Copy(run, t, bars);

    public bool Reads(in GroupContext run, int t) => false;

    public void After(in GroupContext run, int t)
    {
    }

    private static void Copy(in GroupContext run, int t, List<(Place Place, double[] Values)> wanted)
    {
        foreach (var (place, values) in wanted)
        {
            for (var g = 0; g < run.Count; g++)
            {
                var from = run.At(place, g);
                var at = ((run.First + g) * run.Steps + t) * place.Length;
                for (var i = 0; i < place.Length; i++)
                {
                    values[at + i] = from[i];
                }
            }
        }
    }
}
