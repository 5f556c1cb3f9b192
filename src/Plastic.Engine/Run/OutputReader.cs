namespace Plastic.Engine;

/// <summary>Copies outputs of every sample and step while groups run.</summary>
internal sealed unsafe class OutputReader : IObserver
{
    private readonly List<(Place Place, double[] Values)> wanted = [];

    public bool WantsEnd => false;

    /// <summary>Reads nothing from now on.</summary>
    public void Clear() => wanted.Clear();

    /// <summary>Adds an output to what is read, and says where its values go: [batch, steps, length].</summary>
    public void Read(Place place, double[] values) => wanted.Add((place, values));

    public void Step(in GroupContext run, int t)
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

    public void End(in GroupContext run)
    {
    }
}
