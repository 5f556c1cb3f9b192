using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>What the adjoint of a dense update reads and writes, in addition to what the update reads.</summary>
internal unsafe ref struct DenseBars
{
    /// <summary>The vectors of the pairs x ⊗ y that the step after the update adds to F̄, of which there is at least one.</summary>
    public required ReadOnlySpan<nint> X, Y;

    /// <summary>The cotangents of T, of E, and of α.</summary>
    public required float* Trace, Eligibility, Alpha;

    /// <summary>For p̄, before the rate: sixteen sums of each row, over every sixteenth column. One pair's after another's.</summary>
    public required float* RowLanes;

    /// <summary>q̄: sums over each column. One pair's after another's.</summary>
    public required float* ColumnSums;

    /// <summary>Floats from one pair's sums to the next pair's.</summary>
    public required int LaneStride, SumStride;

    /// <summary>The sums over each column for keep̄, null if it is not needed; and with E for ratē and keepₑ̄.</summary>
    public required float* KeepSums, RateSums, EligibilityKeepSums;
}

/// <summary>
/// The adjoint of an update (<see cref="DenseUpdate"/>), from the cotangents of the state after it to those of the state before it, in place.
/// The step after the update adds G = Σ x ⊗ y to F̄'. With A = α∘Ū inside and A = Ū outside,
/// <code>
/// inside:  T̄' += G       outside:  T̄' += α∘G,  ᾱ += H'∘G        Ū = T̄' where |T'| &lt; bound, else 0
/// keep̄ = Σ Ū∘T,    T̄ = keep∘Ū,    ratē = ⟨A, D⟩,    inside  ᾱ += rate·Ū∘D
/// p̄ = rate·A q,    q̄ = rate·Aᵀp;    with E instead  p̄ = rateₑ·Ē'q,  q̄ = rateₑ·Ē'ᵀp,
/// keepₑ̄ = ⟨Ē', E⟩,    rateₑ̄ = ⟨Ē', Σ p ⊗ q⟩,    Ē = keepₑ·Ē' + rate·A
/// </code>
/// T' has been clamped to the bound: its magnitude is below it exactly where that of U is. ⟨A, Σ p ⊗ q⟩ is Σ p·(A q), which needs no sum of its
/// own.
/// <para>
/// It goes down the matrices two rows at a time, so that what belongs to a column is read once for two rows. Registers narrower than sixteen
/// floats take their share of every sixteen columns, and then the next share: each of the sixteen sums of a row stays in one lane of a
/// register.
/// </para>
/// </summary>
/// <typeparam name="TOnTrace">Whether α is outside.</typeparam>
/// <typeparam name="TEligible">Whether there is an eligibility trace.</typeparam>
/// <typeparam name="TBounded">Whether there is a bound.</typeparam>
/// <typeparam name="TSeveral">Whether there are several pairs p ⊗ q, or x ⊗ y.</typeparam>
/// <param name="update">The update.</param>
/// <param name="bars">The cotangents.</param>
internal readonly unsafe ref struct DenseBackward<TOnTrace, TEligible, TBounded, TSeveral>(DenseUpdate update, DenseBars bars) : IRegisterKernel
    where TOnTrace : struct, IFlag
    where TEligible : struct, IFlag
    where TBounded : struct, IFlag
    where TSeveral : struct, IFlag
{
    private readonly DenseUpdate update = update;
    private readonly DenseBars bars = bars;

    public void Run<R>() where R : struct, IRegister<R>
    {
        Clear(bars.ColumnSums, update.P.Length * bars.SumStride);
        Clear(bars.RowLanes, TSeveral.IsSet ? update.P.Length * bars.LaneStride : 0);
        Clear(bars.KeepSums, bars.KeepSums == null ? 0 : update.Stride);
        Clear(bars.RateSums, TEligible.IsSet ? update.Stride : 0);
        Clear(bars.EligibilityKeepSums, TEligible.IsSet ? update.Stride : 0);
        for (var i = 0; i < update.Rows; i += 2)
        {
            for (var lane = 0; lane < Lanes.Count; lane += R.Width)
            {
                TwoRows<R>(i, lane);
            }
        }
    }

    private static void Clear(float* sums, int count) => new Span<float>(sums, count).Clear();

    /// <summary>Every sixteenth column of two rows, from a register's width on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TwoRows<R>(int i, int lane) where R : struct, IRegister<R>
    {
        var pairRate = TEligible.IsSet ? update.EligibilityRate : update.Rate;
        float* p = (float*)update.P[0] + i, q = (float*)update.Q[0], x = (float*)bars.X[0] + i, y = (float*)bars.Y[0];
        float* keep = update.Keep, columnSums = bars.ColumnSums, keepSums = bars.KeepSums;
        R p0 = R.Splat(pairRate * p[0]), p1 = R.Splat(pairRate * p[1]), x0 = R.Splat(x[0]), x1 = R.Splat(x[1]);
        R row0 = R.Zero, row1 = R.Zero;
        var stride = update.Stride;
        var matrices = new Matrices(update, bars);
        for (var j = lane; j < stride; j += Lanes.Count)
        {
            var at = (long)i * stride + j;
            R qj = R.Load(q + j), yj = R.Load(y + j), keepJ = R.Load(keep + j);
            var bar0 = TraceBar(matrices, i, j, at, x0, yj);
            var bar1 = TraceBar(matrices, i + 1, j, at + stride, x1, yj);
            if (keepSums != null)
            {
                var before = matrices.Before + at;
                R.Fma(bar1, R.Load(before + stride), R.Fma(bar0, R.Load(before), R.Load(keepSums + j))).Store(keepSums + j);
            }
            (keepJ * bar0).Store(matrices.Bar + at);
            (keepJ * bar1).Store(matrices.Bar + at + stride);
            var pairBar0 = PairBar(matrices, i, j, at, bar0, p0, qj);
            var pairBar1 = PairBar(matrices, i + 1, j, at + stride, bar1, p1, qj);
            row0 = R.Fma(pairBar0, qj, row0);
            row1 = R.Fma(pairBar1, qj, row1);
            R.Fma(p1, pairBar1, R.Fma(p0, pairBar0, R.Load(columnSums + j))).Store(columnSums + j);
        }
        var lanes = bars.RowLanes + i * Lanes.Count + lane;
        row0.Store(lanes);
        row1.Store(lanes + Lanes.Count);
    }

    /// <summary>Ū: T̄' with what the step after the update adds to it, where the bound does not hold; ᾱ takes in the same outside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private R TraceBar<R>(in Matrices m, int i, int j, long at, R x, R y) where R : struct, IRegister<R>
    {
        var bar = R.Load(m.Bar + at);
        if (TOnTrace.IsSet)
        {
            var gradient = x * y;
            if (TSeveral.IsSet)
            {
                gradient = DenseUpdate.AddOthers(bars.X, bars.Y, 1, i, j, gradient);
            }
            var alphaBar = m.AlphaBar + at;
            R.Fma(R.Load(m.After + at), gradient, R.Load(alphaBar)).Store(alphaBar);
            bar = R.Fma(R.Load(m.Alpha + at), gradient, bar);
        }
        else
        {
            bar = R.Fma(x, y, bar);
            if (TSeveral.IsSet)
            {
                bar = DenseUpdate.AddOthers(bars.X, bars.Y, 1, i, j, bar);
            }
        }
        return TBounded.IsSet ? R.SelectLess(R.Abs(R.Load(m.After + at)), R.Splat(update.Bound), bar, R.Zero) : bar;
    }

    /// <summary>A, or Ē' with E, which becomes Ē; ᾱ takes in rate·Ū∘D inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private R PairBar<R>(in Matrices m, int i, int j, long at, R bar, R p, R q) where R : struct, IRegister<R>
    {
        var scaled = TOnTrace.IsSet ? bar : R.Load(m.Alpha + at) * bar;
        var pairBar = scaled;
        var drive = p * q;
        if (TSeveral.IsSet)
        {
            drive = DenseUpdate.AddOthers(update.P, update.Q, update.Rate, i, j, drive);
        }
        if (TEligible.IsSet)
        {
            var eligibility = R.Load(m.Eligibility + at);
            var rate = R.Splat(update.Rate);
            float* eligibilityBar = m.EligibilityBar + at, rateSum = bars.RateSums + j, keepSum = bars.EligibilityKeepSums + j;
            pairBar = R.Load(eligibilityBar);
            R.Fma(scaled, eligibility, R.Load(rateSum)).Store(rateSum);
            R.Fma(pairBar, eligibility, R.Load(keepSum)).Store(keepSum);
            R.Fma(R.Splat(update.EligibilityKeep), pairBar, rate * scaled).Store(eligibilityBar);
            drive = rate * eligibility;
        }
        if (!TOnTrace.IsSet)
        {
            R.Fma(bar, drive, R.Load(m.AlphaBar + at)).Store(m.AlphaBar + at);
        }
        if (TSeveral.IsSet)
        {
            SumOtherPairs(i, j, pairBar);
        }
        return pairBar;
    }

    /// <summary>The sums over the row and over the column, of the pairs after the first.</summary>
    private void SumOtherPairs<R>(int i, int j, R pairBar) where R : struct, IRegister<R>
    {
        var pairRate = TEligible.IsSet ? update.EligibilityRate : update.Rate;
        for (var k = 1; k < update.P.Length; k++)
        {
            float* row = bars.RowLanes + k * bars.LaneStride + i * Lanes.Count + j % Lanes.Count;
            float* column = bars.ColumnSums + k * bars.SumStride + j;
            R.Fma(pairBar, R.Load((float*)update.Q[k] + j), R.Load(row)).Store(row);
            R.Fma(R.Splat(pairRate * ((float*)update.P[k])[i]), pairBar, R.Load(column)).Store(column);
        }
    }

    /// <summary>The matrices, as locals: the compiler does not keep what it reads through this object in registers.</summary>
    private readonly struct Matrices(in DenseUpdate update, in DenseBars bars)
    {
        public readonly float* Alpha = update.Alpha, AlphaBar = bars.Alpha, Bar = bars.Trace, EligibilityBar = bars.Eligibility;
        public readonly float* Before = update.Before.Trace, After = update.After.Trace, Eligibility = update.Before.Eligibility;
    }
}
