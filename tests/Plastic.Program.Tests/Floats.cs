using Plastic.Engine;

namespace Plastic.Program.Tests;

/// <summary>Unmanaged floats of a test, freed with it: zeros, numbers in [−1, 1), copies.</summary>
internal sealed unsafe class Floats(int seed) : IDisposable
{
    private readonly Random random = new(seed);
    private readonly List<AlignedBuffer> buffers = [];

    public float* Zeros(int count)
    {
        buffers.Add(new AlignedBuffer(count));
        return buffers[^1].Pointer;
    }

    public float* Uniform(int count)
    {
        var numbers = Zeros(count);
        for (var k = 0; k < count; k++) numbers[k] = Next();
        return numbers;
    }

    /// <summary>
    /// So many vectors of so many numbers, each padded with zeros to a length of <paramref name="stride"/>; of the numbers, a share rests at zero.
    /// </summary>
    public VectorSeries Vectors(int count, int length, int stride, double rests = 0)
    {
        var series = new VectorSeries(Zeros(count * stride), stride);
        for (var k = 0; k < count; k++)
        {
            for (var i = 0; i < length; i++) series[k][i] = random.NextDouble() < rests ? 0 : Next();
        }
        return series;
    }

    public float* Copy(float* from, int count)
    {
        var to = Zeros(count);
        new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
        return to;
    }

    public float Next() => 2 * random.NextSingle() - 1;

    public void Dispose() => buffers.ForEach(buffer => buffer.Dispose());
}
