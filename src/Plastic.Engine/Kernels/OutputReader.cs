namespace Plastic.Engine;

/// <summary>Copies one output of every sample and step while groups run.</summary>
internal sealed unsafe class OutputReader : IObserver
{
    private Place place;
    private int steps;
    private double[] values = [];

    public bool WantsEnd => false;

    /// <summary>What is read from now on, and where it goes: [batch, steps, length].</summary>
    public void Read(Place place, int steps, double[] values) => (this.place, this.steps, this.values) = (place, steps, values);

    public void Step(int first, int count, int t, float** bases)
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

    public void End(int first, int count, float** bases, float* fast)
    {
    }
}
