namespace Plastic.Engine;

/// <summary>Copies outputs of every sample and step while groups run.</summary>
internal sealed unsafe class OutputReader : IObserver
{
    private readonly List<(Place Place, double[] Values)> wanted = [];
    private int steps;

    public bool WantsEnd => false;

    /// <summary>Reads nothing, in episodes of so many steps.</summary>
    public void Clear(int steps)
    {
        wanted.Clear();
        this.steps = steps;
    }

    /// <summary>What is read too from now on, and where it goes: [batch, steps, length].</summary>
    public void Read(Place place, double[] values) => wanted.Add((place, values));

    public void Step(int first, int count, int t, float** bases)
    {
        foreach (var (place, values) in wanted)
        {
            for (var g = 0; g < count; g++)
            {
                var from = bases[(int)place.Region] + place.Offset + g * place.Stride;
                var at = ((first + g) * steps + t) * place.Length;
                for (var i = 0; i < place.Length; i++)
                {
                    values[at + i] = from[i];
                }
            }
        }
    }

    public void End(int first, int count, float** bases, float* fast)
    {
    }
}
