using System.Diagnostics;
using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>An image encoder's forward and backward passes over a batch of random images, in training: ResNet-12 drops values, as published.</summary>
internal sealed class EncoderTimer : IDisposable
{
    private readonly CpuEncoder engine;
    private readonly float[][] parameters, buffers, gradients;
    private readonly float[] images, features, cotangents;
    private readonly int steps;

    public EncoderTimer(Encoder encoder, int count, int steps, int threads)
    {
        (this.steps, Threads) = (steps, threads);
        var size = 3L * encoder.Options.Side * encoder.Options.Side;
        var rows = (long)count * steps;
        Bytes = CpuEncoder.MemoryFor(encoder, threads, count, steps)
            + sizeof(float) * (rows * (size + 2L * encoder.Features) + 2 * encoder.Parameters.Sum(p => (long)p.Size));
        Memory.Require("this batch", Bytes, "fewer --images, --steps or --threads, or a smaller --width or --side");
        Crew = new Crew(threads);
        engine = new CpuEncoder(encoder, Crew, new KeyedDrops(0));
        parameters = Array.ConvertAll(encoder.InitialValues(0), p => Array.ConvertAll(p, x => (float)x));
        buffers = Array.ConvertAll(encoder.InitialBuffers(), b => Array.ConvertAll(b, x => (float)x));
        gradients = Array.ConvertAll(parameters, p => new float[p.Length]);
        images = Draw("images", rows * size);
        cotangents = Draw("cotangents", rows * encoder.Features);
        features = new float[cotangents.Length];
    }

    /// <summary>The bytes of engine and data.</summary>
    public long Bytes { get; }

    public int Threads { get; }

    public Crew Crew { get; }

    /// <summary>Times a number of batches, after enough warm-up for the runtime to have compiled everything.</summary>
    public (StepTimes Forward, StepTimes Backward, StepTimes Whole) Time(int repeat)
    {
        var warm = Stopwatch.GetTimestamp();
        do
        {
            Forward();
            Backward();
        }
        while (Stopwatch.GetElapsedTime(warm).TotalSeconds < 1.5);
        var forward = new (double Wall, double Processor)[repeat];
        var backward = new (double Wall, double Processor)[repeat];
        for (var k = 0; k < repeat; k++)
        {
            forward[k] = Clock(Forward);
            backward[k] = Clock(Backward);
        }
        return (
            StepTimes.Of(forward), StepTimes.Of(backward),
            StepTimes.Of([.. forward.Zip(backward, (f, b) => (f.Wall + b.Wall, f.Processor + b.Processor))]));
    }

    public void Dispose()
    {
        engine.Dispose();
        Crew.Dispose();
    }

    private void Forward() => engine.Forward(parameters, buffers, images, steps, EncoderMode.Training, features);

    private void Backward()
    {
        engine.Backward(cotangents, gradients);
        engine.Commit(buffers);
    }

    private static (double Wall, double Processor) Clock(Action work)
    {
        var processor = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        work();
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    private static float[] Draw(string purpose, long length)
    {
        var stream = new RandomStream(Philox.key(0, purpose), 0, 0);
        var values = new float[length];
        for (var k = 0; k < values.Length; k++) values[k] = (float)stream.Normal();
        return values;
    }
}
