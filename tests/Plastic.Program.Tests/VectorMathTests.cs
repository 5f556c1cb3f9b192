using System.Runtime.Intrinsics;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The vector functions: accurate over all floats, with the same bits for every kind of lanes.</summary>
public sealed unsafe class VectorMathTests
{
    private const double Tolerance = 2; // units in the last place
    private const uint Stride = 997; // prime: every sign, exponent and low bit pattern is met

    private delegate void Kernel(float* x, float* y);

    [Theory]
    [InlineData("exp")]
    [InlineData("log")]
    [InlineData("tanh")]
    [InlineData("sigmoid")]
    public void Functions_are_within_two_ulp_of_float64_over_all_floats(string name)
    {
        Func<double, double> exact = name switch
        {
            "exp" => Math.Exp,
            "log" => Math.Log,
            "tanh" => Math.Tanh,
            _ => x => x < 0 ? Math.Exp(x) / (1 + Math.Exp(x)) : 1 / (1 + Math.Exp(-x)),
        };
        var compute = WideLanes.IsAccelerated ? Of<WideLanes>(name)
            : PairLanes.IsAccelerated ? Of<PairLanes>(name)
            : Of<QuadLanes>(name);
        float* x = stackalloc float[Lanes.Count], y = stackalloc float[Lanes.Count];
        var (worst, at) = (0.0, 0f);
        for (ulong bits = 0; bits <= uint.MaxValue; bits += Lanes.Count * Stride)
        {
            for (var i = 0u; i < Lanes.Count; i++)
            {
                x[i] = BitConverter.UInt32BitsToSingle((uint)bits + i * Stride);
            }

            compute(x, y);
            for (var i = 0; i < Lanes.Count; i++)
            {
                var error = Ulps(y[i], exact(x[i]));
                (worst, at) = error > worst ? (error, x[i]) : (worst, at);
            }
        }

        Assert.True(worst <= Tolerance, $"{name}({at:R}) is {worst} ulp off");
    }

    [Theory]
    [InlineData("exp", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("exp", float.NegativeInfinity, 0f)]
    [InlineData("exp", float.NaN, float.NaN)]
    [InlineData("exp", 0f, 1f)]
    [InlineData("exp", 88.73f, float.PositiveInfinity)]
    [InlineData("exp", -103.9f, float.Epsilon)]
    [InlineData("exp", -104f, 0f)]
    [InlineData("log", 0f, float.NegativeInfinity)]
    [InlineData("log", -1f, float.NaN)]
    [InlineData("log", -float.Epsilon, float.NaN)]
    [InlineData("log", float.NegativeInfinity, float.NaN)]
    [InlineData("log", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("log", float.NaN, float.NaN)]
    [InlineData("log", 1f, 0f)]
    [InlineData("log", float.Epsilon, -103.27893f)]
    [InlineData("tanh", 0f, 0f)]
    [InlineData("tanh", float.Epsilon, float.Epsilon)]
    [InlineData("tanh", float.PositiveInfinity, 1f)]
    [InlineData("tanh", float.NegativeInfinity, -1f)]
    [InlineData("tanh", float.NaN, float.NaN)]
    [InlineData("sigmoid", 0f, 0.5f)]
    [InlineData("sigmoid", float.PositiveInfinity, 1f)]
    [InlineData("sigmoid", float.NegativeInfinity, 0f)]
    [InlineData("sigmoid", -100f, 3.783506e-44f)]
    [InlineData("sigmoid", float.NaN, float.NaN)]
    public void Special_values_are_exact(string name, float x, float expected) => IsExactly(name, x, expected);

    [Fact]
    public void Negative_zero_is_a_special_value_too()
    {
        IsExactly("exp", -0f, 1f);
        IsExactly("log", -0f, float.NegativeInfinity);
        IsExactly("tanh", -0f, -0f);
    }

    private static void IsExactly(string name, float x, float expected)
    {
        float* input = stackalloc float[Lanes.Count], output = stackalloc float[Lanes.Count];
        new Span<float>(input, Lanes.Count).Fill(x);
        Of<QuadLanes>(name)(input, output);
        Assert.Equal(Bits(expected), Bits(output[0]));
    }

    [Theory]
    [InlineData("exp")]
    [InlineData("log")]
    [InlineData("tanh")]
    [InlineData("sigmoid")]
    [InlineData("arithmetic")]
    [InlineData("choices")]
    [InlineData("sums")]
    public void All_lanes_give_the_same_bits(string name)
    {
        var (wide, pair, quad) = (Of<WideLanes>(name), Of<PairLanes>(name), Of<QuadLanes>(name));
        float* x = stackalloc float[Lanes.Count], y = stackalloc float[3 * Lanes.Count];
        const int seed = 1;
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            for (var i = 0; i < Lanes.Count; i++)
            {
                // Any bit pattern in one round, numbers of a network's size in the next.
                x[i] = round % 2 == 0
                    ? BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32))
                    : 20 * random.NextSingle() - 10;
            }

            wide(x, y);
            pair(x, y + Lanes.Count);
            quad(x, y + 2 * Lanes.Count);
            for (var i = 0; i < Lanes.Count; i++)
            {
                var (w, p, q) = (Bits(y[i]), Bits(y[Lanes.Count + i]), Bits(y[2 * Lanes.Count + i]));
                if (w != p || p != q)
                {
                    Assert.Fail($"seed {seed}: {name}, lane {i}, {x[i]:R}: {w:X8} {p:X8} {q:X8}");
                }
            }
        }
    }

    private static Kernel Of<V>(string name) where V : struct, ILanes<V> => name switch
    {
        "exp" => (x, y) => VectorMath.Exp(V.Load(x)).Store(y),
        "log" => (x, y) => VectorMath.Log(V.Load(x)).Store(y),
        "tanh" => (x, y) => VectorMath.Tanh(V.Load(x)).Store(y),
        "sigmoid" => (x, y) => VectorMath.Sigmoid(V.Load(x)).Store(y),
        "arithmetic" => Arithmetic<V>,
        "choices" => Choices<V>,
        _ => Sums<V>,
    };

    private static void Arithmetic<V>(float* x, float* y) where V : struct, ILanes<V>
    {
        var (a, b) = (V.Load(x), V.Splat(x[0]));
        (V.Fma(a, b, V.Sqrt(V.Abs(a))) / (a - b) + V.Round(b) * V.CopySign(b, a)).Store(y);
    }

    private static void Choices<V>(float* x, float* y) where V : struct, ILanes<V>
    {
        var (a, b) = (V.Load(x), V.Splat(x[0]));
        (V.Max(a, b) + V.Min(a, b) * Lanes.Relu(a) - Lanes.Heaviside(a)).Store(y);
    }

    private static void Sums<V>(float* x, float* y) where V : struct, ILanes<V>
    {
        var (a, b) = (V.Load(x), V.Splat(x[0]));
        var (c, d) = (a * b, a - b);
        V.Zero.Store(y);
        Lanes.Sum4(a, b, c, d).Store(y);
        float[] sums = [Lanes.Sum(a), Lanes.Sum(b), Lanes.Sum(c), Lanes.Sum(d)];
        Assert.All(sums, (sum, i) => Assert.Equal(Bits(sum), Bits(y[i])));
    }

    // All NaNs count as equal: which of two survives an addition is unspecified.
    private static uint Bits(float x) => BitConverter.SingleToUInt32Bits(float.IsNaN(x) ? float.NaN : x);

    /// <summary>The distance in units in the last place of the exact value; infinite when the kinds differ.</summary>
    private static double Ulps(float got, double exact)
    {
        if (float.IsNaN(got) || double.IsNaN(exact))
        {
            return float.IsNaN(got) && double.IsNaN(exact) ? 0 : double.PositiveInfinity;
        }

        if (float.IsInfinity((float)exact) || float.IsInfinity(got))
        {
            return got == (float)exact ? 0 : double.PositiveInfinity;
        }

        var exponent = Math.Max(exact == 0 ? -126 : Math.ILogB(exact), -126);
        return Math.Abs(got - exact) / Math.ScaleB(1, exponent - 23);
    }
}
