namespace Plastic.Engine;

/// <summary>What a device reaches at most, measured with kernels that do nothing else.</summary>
/// <param name="FlopsPerSecond">Fused multiply-adds on registers, each two operations.</param>
/// <param name="CacheBytesPerSecond">Reading four megabytes again and again: a card's second-level cache.</param>
/// <param name="MemoryBytesPerSecond">Reading more than caches hold.</param>
public sealed record DeviceSpeed(double FlopsPerSecond, double CacheBytesPerSecond, double MemoryBytesPerSecond)
{
    private const int Rounds = 256, Chains = 8, CacheFloats = 1 << 20, GroupsPerUnit = 16;

    private static readonly KernelSource Source = new(Prelude.Text + $$"""

        KERNEL void multiply(GLOBAL float* to, int rounds) {
            float x = 0.5f + (float)LID;
            float a = x, b = x + 1.0f, c = x + 2.0f, d = x + 3.0f, e = x + 4.0f, f = x + 5.0f, g = x + 6.0f, h = x + 7.0f;
            for (int k = 0; k < rounds; k++) {
                a = FMA(a, 0.999f, x); b = FMA(b, 0.999f, x); c = FMA(c, 0.999f, x); d = FMA(d, 0.999f, x);
                e = FMA(e, 0.999f, x); f = FMA(f, 0.999f, x); g = FMA(g, 0.999f, x); h = FMA(h, 0.999f, x);
            }
            to[GID * SIZE + LID] = a + b + c + d + e + f + g + h;
        }

        KERNEL void read(GLOBAL const float* from, GLOBAL float* to, int floats, int groups, int rounds) {
            float a = 0.0f, b = 0.0f, c = 0.0f, d = 0.0f;
            int stride = groups * SIZE;
            for (int round = 0; round < rounds; round++) {
                for (int k = GID * SIZE + LID; k + 3 * stride < floats; k += 4 * stride) {
                    a += from[k]; b += from[k + stride]; c += from[k + 2 * stride]; d += from[k + 3 * stride];
                }
            }
            to[GID * SIZE + LID] = a + b + c + d;
        }

        """);

    /// <summary>Measures a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="least">Seconds that each measurement takes at least.</param>
    /// <exception cref="DeviceException">The device lacks memory, or stops working.</exception>
    public static DeviceSpeed Measure(IDevice device, double least)
    {
        var groups = GroupsPerUnit * device.Facts.Units;
        // A multiple of what one pass over it takes.
        long pass = 4L * groups * Prelude.GroupSize, most = Math.Min(device.Facts.MemoryBytes / 16, 1L << 30) / sizeof(float);
        int all = (int)(Math.Max(1, most / pass) * pass), some = (int)(Math.Max(1, CacheFloats / pass) * pass);
        using var kernels = device.Compile(Source, []);
        using var from = device.Allocate(Math.Max(all, some), "numbers to read");
        using var to = device.Allocate(groups * Prelude.GroupSize, "sums");
        device.Fill(from, 1);
        var timed = new TimedDevice(device, least);
        timed.Launch(kernels["multiply"], groups, to, Rounds);
        var flops = 2.0 * Chains * Rounds * groups * Prelude.GroupSize / timed.Times[0].Seconds;
        return new DeviceSpeed(flops, Read(some, 1 + all / some), Read(all, 1));

        double Read(int floats, int rounds)
        {
            timed.Launch(kernels["read"], groups, from, to, floats, groups, rounds);
            return (double)sizeof(float) * floats * rounds / timed.Times[^1].Seconds;
        }
    }
}
