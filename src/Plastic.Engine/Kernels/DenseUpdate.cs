using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// What is stored of a dense synapse of one sample at one step: F; the trace H if α stands outside, else F again; and the eligibility
/// trace E.
/// </summary>
internal unsafe struct DenseState
{
    public float* Fast, Trace, Eligibility;
}

/// <summary>
/// The update of a dense synapse, and its adjoint: one pass over its matrices each. With T = F, D = Σ p ⊗ q and α inside, or T = H and
/// F = α∘H with α outside, and D = E with an eligibility trace, the update is that of Update in Plastic.Core:
/// <code>
/// T' = clamp(U, ±bound),    U = keep∘T + rate·(α∘)D,    E' = keepₑ·E + rateₑ·Σ p ⊗ q
/// </code>
/// and its adjoint, where the step after the update adds G = Σ x ⊗ y to F̄:
/// <code>
/// T̄' += (α∘)G,  ᾱ += H'∘G outside;    Ū = T̄' where |U| &lt; bound, else 0;    A = (α∘)Ū
/// keep̄ = Σ Ū∘T,    ratē = ⟨A, D⟩,    ᾱ += rate·Ū∘D inside,    T̄ = keep∘Ū
/// p̄ = rate·A q,    q̄ = rate·Aᵀp;    with E instead p̄ = rateₑ·Ē'q,  q̄ = rateₑ·Ē'ᵀp,
/// keepₑ̄ = ⟨Ē', E⟩,    rateₑ̄ = ⟨Ē', Σ p ⊗ q⟩,    Ē = keepₑ·Ē' + rate·A
/// </code>
/// </summary>
/// <typeparam name="V">The lanes.</typeparam>
/// <typeparam name="TPerOutput">Whether keep has a value for each output.</typeparam>
/// <typeparam name="TOnTrace">Whether α is outside: T is a trace H, and F = α∘H.</typeparam>
/// <typeparam name="TEligible">Whether pairs go into an eligibility trace E first.</typeparam>
internal unsafe ref struct DenseUpdate<V, TPerOutput, TOnTrace, TEligible>
    where V : struct, ILanes<V>
    where TPerOutput : struct, IFlag
    where TOnTrace : struct, IFlag
    where TEligible : struct, IFlag
{
    /// <summary>Floats of a row, and rows.</summary>
    public required int Stride, Rows;

    /// <summary>α, or ones.</summary>
    public required float* Alpha;

    /// <summary>The state before the update.</summary>
    public required DenseState Before;

    /// <summary>The operands of the update; Keep points at one value, or at one for each output.</summary>
    public required float* Keep;

    public required float Rate, EligibilityKeep, EligibilityRate, Bound;

    /// <summary>The pairs' vectors.</summary>
    public required ReadOnlySpan<nint> P, Q;

    /// <summary>Σ p ⊗ q, sixteen elements of row i from column j on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly V Products(int i, int j)
    {
        var sum = V.Zero;
        for (var k = 0; k < P.Length; k++)
        {
            sum = V.Fma(V.Splat(((float*)P[k])[i]), V.Load((float*)Q[k] + j), sum);
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly V KeepAt(int j) => TPerOutput.IsSet ? V.Load(Keep + j) : V.Splat(*Keep);

    /// <summary>keep∘T + rate·(α∘)D, before the bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly V Unbounded(V keep, V trace, V alpha, V drive)
    {
        var input = TOnTrace.IsSet ? drive : alpha * drive;
        return V.Fma(keep, trace, V.Splat(Rate) * input);
    }

    /// <summary>Writes the state after the update.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Advance(DenseState after)
    {
        V high = V.Splat(Bound), low = V.Splat(-Bound), keepE = V.Splat(EligibilityKeep), rateE = V.Splat(EligibilityRate);
        for (var i = 0; i < Rows; i++)
        {
            for (var j = 0; j < Stride; j += Lanes.Count)
            {
                var at = (long)i * Stride + j;
                var products = Products(i, j);
                var drive = products;
                if (TEligible.IsSet)
                {
                    drive = V.Load(Before.Eligibility + at);
                    V.Fma(keepE, drive, rateE * products).Store(after.Eligibility + at);
                }
                var alpha = V.Load(Alpha + at);
                var unbounded = Unbounded(KeepAt(j), V.Load(Before.Trace + at), alpha, drive);
                var trace = V.Min(V.Max(unbounded, low), high);
                trace.Store(after.Trace + at);
                if (TOnTrace.IsSet)
                {
                    (alpha * trace).Store(after.Fast + at);
                }
            }
        }
    }

    /// <summary>
    /// The adjoint, from the cotangents of the state after the update to those of the state before it, in place. First F̄ takes in what
    /// the step after the update adds to it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void AdvanceBackward(DenseAdjoint bars)
    {
        V limit = V.Splat(Bound), rate = V.Splat(Rate), keepE = V.Splat(EligibilityKeep), rateE = V.Splat(EligibilityRate);
        V rateSum = V.Zero, keepSum = V.Zero, rateSumE = V.Zero, keepSumE = V.Zero;
        new Span<float>(bars.ColumnSums, P.Length * bars.SumStride).Clear();
        if (TPerOutput.IsSet)
        {
            new Span<float>(bars.KeepSums, Stride).Clear();
        }
        var rowSums = stackalloc float[P.Length * Lanes.Count];
        for (var i = 0; i < Rows; i++)
        {
            new Span<float>(rowSums, P.Length * Lanes.Count).Clear();
            for (var j = 0; j < Stride; j += Lanes.Count)
            {
                var at = (long)i * Stride + j;
                V alpha = V.Load(Alpha + at), alphaBar = V.Load(bars.Alpha + at), before = V.Load(Before.Trace + at);
                var gradient = V.Zero;
                for (var k = 0; k < bars.X.Length; k++)
                {
                    gradient = V.Fma(V.Splat(((float*)bars.X[k])[i]), V.Load((float*)bars.Y[k] + j), gradient);
                }
                var bar = V.Load(bars.Trace + at);
                if (TOnTrace.IsSet)
                {
                    alphaBar = V.Fma(V.Load(bars.After + at), gradient, alphaBar);
                    bar = V.Fma(alpha, gradient, bar);
                }
                else
                {
                    bar += gradient;
                }
                V keep = KeepAt(j), products = Products(i, j);
                var drive = TEligible.IsSet ? V.Load(Before.Eligibility + at) : products;
                bar = V.SelectLess(V.Abs(Unbounded(keep, before, alpha, drive)), limit, bar, V.Zero);
                var scaled = TOnTrace.IsSet ? bar : alpha * bar;
                rateSum = V.Fma(scaled, drive, rateSum);
                if (!TOnTrace.IsSet)
                {
                    alphaBar = V.Fma(rate * bar, drive, alphaBar);
                }
                alphaBar.Store(bars.Alpha + at);
                if (TPerOutput.IsSet)
                {
                    V.Fma(bar, before, V.Load(bars.KeepSums + j)).Store(bars.KeepSums + j);
                }
                else
                {
                    keepSum = V.Fma(bar, before, keepSum);
                }
                (keep * bar).Store(bars.Trace + at);
                var pairBar = scaled;
                if (TEligible.IsSet)
                {
                    pairBar = V.Load(bars.Eligibility + at);
                    rateSumE = V.Fma(pairBar, products, rateSumE);
                    keepSumE = V.Fma(pairBar, drive, keepSumE);
                    V.Fma(keepE, pairBar, rate * scaled).Store(bars.Eligibility + at);
                }
                for (var k = 0; k < P.Length; k++)
                {
                    float* column = bars.ColumnSums + k * bars.SumStride + j, row = rowSums + k * Lanes.Count;
                    V.Fma(pairBar, V.Load((float*)Q[k] + j), V.Load(row)).Store(row);
                    V.Fma(pairBar, V.Splat(((float*)P[k])[i]), V.Load(column)).Store(column);
                }
            }
            for (var k = 0; k < P.Length; k++)
            {
                bars.RowSums[k * bars.SumStride + i] = Lanes.Sum(V.Load(rowSums + k * Lanes.Count));
            }
        }
        if (!TPerOutput.IsSet)
        {
            *bars.KeepSums = Lanes.Sum(keepSum);
        }
        bars.Scalars[0] = Lanes.Sum(rateSum);
        bars.Scalars[1] = Lanes.Sum(keepSumE);
        bars.Scalars[2] = Lanes.Sum(rateSumE);
    }
}

/// <summary>What the adjoint of a dense update reads and writes, in addition to what the update reads.</summary>
internal unsafe ref struct DenseAdjoint
{
    /// <summary>The pairs x ⊗ y that the step after the update adds to F̄.</summary>
    public required ReadOnlySpan<nint> X, Y;

    /// <summary>H after the update.</summary>
    public required float* After;

    /// <summary>The cotangents of F or H, of E, and of α.</summary>
    public required float* Trace, Eligibility, Alpha;

    /// <summary>The sums for p̄ and q̄ of each pair, before the rate, and floats from one pair's to the next pair's.</summary>
    public required float* RowSums, ColumnSums;

    public required int SumStride;

    /// <summary>keep̄: one number, or one for each output.</summary>
    public required float* KeepSums;

    /// <summary>ratē, and keep̄ and ratē of E.</summary>
    public required float* Scalars;
}
