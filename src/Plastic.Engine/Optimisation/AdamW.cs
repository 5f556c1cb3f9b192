using System.Numerics;
using System.Runtime.Intrinsics;
using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The settings of <see cref="AdamW{T}"/>; the defaults are those of the published runs.</summary>
/// <param name="LearningRate">The base rate, ≥ 0; a schedule may change it at each step.</param>
/// <param name="Beta1">Decay of the first moment, in [0, 1).</param>
/// <param name="Beta2">Decay of the second moment, in [0, 1).</param>
/// <param name="Epsilon">Added to the denominator, ≥ 0.</param>
/// <param name="WeightDecay">Decoupled weight decay, ≥ 0.</param>
/// <param name="AmsGrad">Whether the denominator uses the largest second moment so far.</param>
public sealed record AdamWSettings(
    double LearningRate = 1e-3,
    double Beta1 = 0.9,
    double Beta2 = 0.999,
    double Epsilon = 1e-8,
    double WeightDecay = 0,
    bool AmsGrad = true) : OptimiserSettings
{
    /// <inheritdoc/>
    public override IOptimiser<float> Create(IReadOnlyList<Parameter> infos, float[][] values) =>
        new AdamW<float>(this, values);

    /// <inheritdoc/>
    public override int NumbersPerParameter => AmsGrad ? 3 : 2;
}

/// <summary>
/// AdamW (Loshchilov and Hutter 2019), with AMSGrad (Reddi, Kale and Kumar 2018), in the order of torch.optim.AdamW:
/// <code>
/// p ← p·(1 − lr·weightDecay)          g = scale·gradient
/// m ← β₁·m + (1−β₁)·g                 v ← β₂·v + (1−β₂)·g²              w ← max(w, v)
/// p ← p − (lr / (1−β₁ᵗ))·m / (√w / √(1−β₂ᵗ) + ε)                        (v for w without AMSGrad)
/// </code>
/// Coefficients are computed in double and rounded to T; every elementwise operation is rounded once, never fused, so
/// the bits depend on neither vector width nor crew. A step allocates nothing.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class AdamW<T> : IOptimiser<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T[][] parameters;
    private readonly ArrayRange[] ranges;
    private readonly Action<int, int> updateRange;
    private T[][] gradients = [];
    private Coefficients coefficients;

    /// <param name="settings">The settings; they stay fixed.</param>
    /// <param name="parameters">The arrays to train, in place, of any lengths.</param>
    public AdamW(AdamWSettings settings, T[][] parameters)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(parameters);
        Settings = settings;
        this.parameters = parameters;
        FirstMoments = ZerosLike(parameters);
        SecondMoments = ZerosLike(parameters);
        LargestSecondMoments = settings.AmsGrad ? ZerosLike(parameters) : [];
        ranges = ArrayRange.Cut(parameters);
        updateRange = UpdateRange;
    }

    /// <summary>The settings given at construction.</summary>
    public AdamWSettings Settings { get; }

    /// <summary>m: one array per parameter array. To restore a checkpoint, write to m, v and w.</summary>
    public T[][] FirstMoments { get; }

    /// <summary>The second moments v: one array per parameter array.</summary>
    public T[][] SecondMoments { get; }

    /// <summary>The largest second moments so far, w: one array per parameter array; no arrays without AMSGrad.</summary>
    public T[][] LargestSecondMoments { get; }

    /// <inheritdoc/>
    public long Steps { get; set; }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, T[][] Values)> Memory => Settings.AmsGrad
        ? [("first", FirstMoments), ("second", SecondMoments), ("largest", LargestSecondMoments)]
        : [("first", FirstMoments), ("second", SecondMoments)];

    /// <inheritdoc/>
    public void Step(T[][] gradients, double learningRate, double scale, Crew crew)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentNullException.ThrowIfNull(crew);
        ArrayRange.RequireSameShape("AdamW.Step", parameters, gradients);
        Steps++;
        coefficients = new Coefficients(AdamWCoefficients.Of(Settings, Steps, learningRate), Settings.AmsGrad, scale);
        this.gradients = gradients;
        crew.Run(ranges.Length, updateRange);
    }

    private void UpdateRange(int worker, int index)
    {
        var (array, start, length) = ranges[index];
        var p = parameters[array].AsSpan(start, length);
        var g = gradients[array].AsSpan(start, length);
        var m = FirstMoments[array].AsSpan(start, length);
        var v = SecondMoments[array].AsSpan(start, length);
        // Without AMSGrad, w is neither read nor written; v takes its place.
        var w = Settings.AmsGrad ? LargestSecondMoments[array].AsSpan(start, length) : v;
        var width = Vector512<T>.Count;
        var whole = length - length % width;
        var c = coefficients;
        for (var i = 0; i < whole; i += width)
        {
            Update(in c, ref p[i], ref g[i], ref m[i], ref v[i], ref w[i]);
        }

        if (whole < length)
        {
            // The remainder goes through the same formula, on copies padded with zeros.
            Span<T> pad = stackalloc T[5 * width];
            pad.Clear();
            var (p1, g1, m1, v1, w1) = (0, width, 2 * width, 3 * width, 4 * width);
            p[whole..].CopyTo(pad[p1..]);
            g[whole..].CopyTo(pad[g1..]);
            m[whole..].CopyTo(pad[m1..]);
            v[whole..].CopyTo(pad[v1..]);
            w[whole..].CopyTo(pad[w1..]);
            Update(in c, ref pad[p1], ref pad[g1], ref pad[m1], ref pad[v1], ref pad[w1]);
            var rest = length - whole;
            pad.Slice(p1, rest).CopyTo(p[whole..]);
            pad.Slice(m1, rest).CopyTo(m[whole..]);
            pad.Slice(w1, rest).CopyTo(w[whole..]);
            pad.Slice(v1, rest).CopyTo(v[whole..]); // last, because w may be v
        }
    }

    private static void Update(
        in Coefficients c, ref T parameter, ref T gradient, ref T first, ref T second, ref T largest)
    {
        var g = Vector512.LoadUnsafe(ref gradient) * c.Scale;
        var m = Vector512.LoadUnsafe(ref first) * c.Beta1 + g * c.Rest1;
        var v = Vector512.LoadUnsafe(ref second) * c.Beta2 + c.Rest2 * g * g;
        m.StoreUnsafe(ref first);
        v.StoreUnsafe(ref second);
        if (c.AmsGrad)
        {
            v = Vector512.Max(Vector512.LoadUnsafe(ref largest), v);
            v.StoreUnsafe(ref largest);
        }

        var denominator = Vector512.Sqrt(v) / c.Correction + c.Epsilon;
        var p = Vector512.LoadUnsafe(ref parameter) * c.Keep - c.Rate * m / denominator;
        p.StoreUnsafe(ref parameter);
    }

    private static T[][] ZerosLike(T[][] arrays) => Array.ConvertAll(arrays, a => new T[a.Length]);

    // The scalars of one step, broadcast to the lanes.
    private readonly struct Coefficients(AdamWCoefficients of, bool amsGrad, double scale)
    {
        public readonly bool AmsGrad = amsGrad;
        public readonly Vector512<T> Scale = Splat(scale);
        public readonly Vector512<T> Beta1 = Splat(of.Beta1);
        public readonly Vector512<T> Rest1 = Splat(of.Rest1);
        public readonly Vector512<T> Beta2 = Splat(of.Beta2);
        public readonly Vector512<T> Rest2 = Splat(of.Rest2);
        public readonly Vector512<T> Epsilon = Splat(of.Epsilon);
        public readonly Vector512<T> Keep = Splat(of.Keep);
        public readonly Vector512<T> Rate = Splat(of.Rate);
        public readonly Vector512<T> Correction = Splat(of.Correction);

        private static Vector512<T> Splat(double value) => Vector512.Create(T.CreateTruncating(value));
    }
}
