using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>What is stored of a dense synapse of one sample at one step: T, which is F or, with α outside, the trace H; and E.</summary>
internal unsafe struct DenseState
{
    public float* Trace, Eligibility;
}

/// <summary>
/// The operands of the update of a dense synapse of one sample. With D = Σ p ⊗ q, or D = E with an eligibility trace, the update is that of
/// Update in Plastic.Core:
/// <code>
/// inside:  F' = clamp(U),  U = keep∘F + rate·α∘D        outside:  H' = clamp(U),  U = keep∘H + rate·D,  F' = α∘H'
/// E' = keepₑ·E + rateₑ·Σ p ⊗ q
/// </code>
/// Outside, H is stored and F is not: the products with F multiply α and H (<see cref="StoredTrace"/>).
/// </summary>
internal unsafe ref struct DenseUpdate
{
    /// <summary>Floats of a row, and rows.</summary>
    public required int Stride, Rows;

    /// <summary>α, or ones.</summary>
    public required float* Alpha;

    /// <summary>The state before the update, and after it.</summary>
    public required DenseState Before, After;

    /// <summary>keep of each column.</summary>
    public required float* Keep;

    public required float Rate, EligibilityKeep, EligibilityRate, Bound;

    /// <summary>The vectors of the pairs, of which there is at least one.</summary>
    public required ReadOnlySpan<nint> P, Q;

    /// <summary>sum + factor·Σ p ⊗ q of the pairs after the first, in row i from column j on.</summary>
    public static R AddOthers<R>(ReadOnlySpan<nint> p, ReadOnlySpan<nint> q, float factor, int i, int j, R sum) where R : struct, IRegister<R>
    {
        for (var k = 1; k < p.Length; k++)
        {
            sum = R.Fma(R.Splat(factor * ((float*)p[k])[i]), R.Load((float*)q[k] + j), sum);
        }
        return sum;
    }
}

/// <summary>Writes the state after an update, row by row.</summary>
/// <typeparam name="TOnTrace">Whether α is outside: T is a trace H, and F = α∘H.</typeparam>
/// <typeparam name="TEligible">Whether pairs go into an eligibility trace E first.</typeparam>
/// <typeparam name="TBounded">Whether there is a bound.</typeparam>
/// <typeparam name="TSeveral">Whether there are several pairs.</typeparam>
/// <param name="update">The update.</param>
internal readonly unsafe ref struct DenseAdvance<TOnTrace, TEligible, TBounded, TSeveral>(DenseUpdate update) : IRegisterKernel
    where TOnTrace : struct, IFlag
    where TEligible : struct, IFlag
    where TBounded : struct, IFlag
    where TSeveral : struct, IFlag
{
    private readonly DenseUpdate update = update;

    public void Run<R>() where R : struct, IRegister<R>
    {
        for (var i = 0; i < update.Rows; i++)
        {
            Row<R>(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row<R>(int i) where R : struct, IRegister<R>
    {
        var stride = update.Stride;
        var start = (long)i * stride;
        float* before = update.Before.Trace + start, after = update.After.Trace + start, alpha = update.Alpha + start;
        float* eligible = update.Before.Eligibility + start, eligibleAfter = update.After.Eligibility + start;
        float* keep = update.Keep, q = (float*)update.Q[0];
        var pairRate = TEligible.IsSet ? update.EligibilityRate : update.Rate;
        R p = R.Splat(pairRate * ((float*)update.P[0])[i]), rate = R.Splat(update.Rate), keepE = R.Splat(update.EligibilityKeep);
        R high = R.Splat(update.Bound), low = R.Splat(-update.Bound);
        for (var j = 0; j < stride; j += R.Width)
        {
            var input = p * R.Load(q + j);
            if (TSeveral.IsSet)
            {
                input = DenseUpdate.AddOthers(update.P, update.Q, pairRate, i, j, input);
            }
            if (TEligible.IsSet)
            {
                var eligibility = R.Load(eligible + j);
                R.Fma(keepE, eligibility, input).Store(eligibleAfter + j);
                input = rate * eligibility;
            }
            if (!TOnTrace.IsSet)
            {
                input = R.Load(alpha + j) * input;
            }
            var trace = R.Fma(R.Load(keep + j), R.Load(before + j), input);
            (TBounded.IsSet ? R.Min(R.Max(trace, low), high) : trace).Store(after + j);
        }
    }
}
