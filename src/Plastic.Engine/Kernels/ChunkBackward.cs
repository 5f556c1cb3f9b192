using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>
/// A chunk's backward pass: F̄ from its end to its start, and ᾱ of all its updates, in registers, a row at a time. The update
/// F(u+1) = keep_u·F(u) + rate_u·α∘Σ p_u ⊗ q_u has the adjoint ᾱ += rate_u·(Σ p_u ⊗ q_u)∘F̄(u+1) and F̄(u) = keep_u·F̄(u+1), to which step u
/// itself adds the pairs x_u ⊗ y_u of its products with F(u). Elements do not mix, so each is carried through the whole chunk at once:
/// ᾱ and F̄ are read and written once a chunk, instead of once a step.
/// <para>
/// A step whose p_u and x_u are zero in row i only decays F̄ there, and is passed over: its keep goes into the next step's factors. A unit
/// behind a rectifier is zero half of the time. An event that lacks its update or its gradient has a factor of zero for it. Both hold for
/// finite numbers: where q, y or F̄ overflow, zeros hide infinities or make NaN of them.
/// </para>
/// </summary>
internal unsafe ref struct ChunkBackward : IRegisterKernel
{
    /// <summary>Rows whose steps are listed together.</summary>
    private const int Block = 8;

    /// <summary>ᾱ [rows, stride], added to.</summary>
    public float* AlphaBar;

    /// <summary>F̄ at the chunk's end, null for zero; and where F̄ at its start goes, null if it is not needed.</summary>
    public float* From, To;

    /// <summary>Floats of a row, and rows. The vectors of the rows are readable up to a whole number of vectors.</summary>
    public int Stride, Rows;

    /// <summary>Steps of the chunk, at most 32: a row's steps are the bits of an integer.</summary>
    public int Count;

    /// <summary>keep and rate of the update at the end of each step.</summary>
    public ReadOnlySpan<float> Keeps, Rates;

    /// <summary>The pairs of the updates, and those that the steps add to F̄.</summary>
    public ReadOnlySpan<PairSeries> Updates, Gradients;

    /// <summary>For u from the last step to the first: ᾱ ← ᾱ + rate_u·(Σ p_u ⊗ q_u)∘F̄, then F̄ ← keep_u·F̄ + Σ x_u ⊗ y_u.</summary>
    public readonly void Run<R>() where R : struct, IRegister<R>
    {
        Debug.Assert(Count <= 32, "a row's steps are the bits of an integer");
        var decays = stackalloc float[(Count + 1) * (Count + 1)];
        FillDecays(decays);
        var events = stackalloc RowEvent[Count * (Updates.Length + Gradients.Length + 1)];
        for (var block = 0; block < Rows; block += Block)
        {
            var active = ActiveSteps(block);
            for (var i = block; i < Math.Min(block + Block, Rows); i++)
            {
                var (count, keep) = List(i, active[i - block], decays, events);
                var j = 0;
                for (; j <= Stride - 4 * R.Width; j += 4 * R.Width)
                {
                    Four<R>(i, j, events, count, keep);
                }
                for (; j < Stride; j += R.Width)
                {
                    One<R>(i, j, events, count, keep);
                }
            }
        }
    }

    /// <summary>What is left of F̄ between any two steps, the keeps of the steps u, …, v − 1: at [v·(Count + 1) + u].</summary>
    private readonly void FillDecays(float* decays)
    {
        for (var v = 0; v <= Count; v++)
        {
            var row = decays + v * (Count + 1);
            var decay = 1f;
            for (var u = v; ; decay *= Keeps[u])
            {
                row[u] = decay;
                if (--u < 0)
                {
                    break;
                }
            }
        }
    }

    /// <summary>For each row of a block, a bit for each step in which it has a term.</summary>
    private readonly Vector256<uint> ActiveSteps(int i)
    {
        var active = Vector256<uint>.Zero;
        foreach (ref readonly var pair in Updates)
        {
            active |= ActiveSteps(pair.P.From(0), i);
        }
        foreach (ref readonly var pair in Gradients)
        {
            active |= ActiveSteps(pair.P.From(0), i);
        }
        return active;
    }

    private readonly Vector256<uint> ActiveSteps(VectorSeries p, int i)
    {
        var active = Vector256<uint>.Zero;
        var at = p[0] + i;
        for (var u = 0; u < Count; u++, at += p.Stride)
        {
            var isZero = Vector256.Equals(Vector256.Load(at), Vector256<float>.Zero).AsUInt32();
            active |= Vector256.AndNot(Vector256.Create(1u << u), isZero);
        }
        return active;
    }

    /// <summary>Lists what happens in row i, in the steps of a set.</summary>
    /// <returns>The number of events, and the decay of F̄ after the last.</returns>
    private readonly (int Count, float Keep) List(int i, uint active, float* decays, RowEvent* events)
    {
        var start = events;
        var last = Count;
        while (active != 0)
        {
            var u = BitOperations.Log2(active);
            active ^= 1u << u;
            // F̄ holds what step `last` left; the updates see it decayed to the end of step u, the gradients to its start.
            var decay = decays + last * (Count + 1) + u;
            var rate = Rates[u] * decay[1];
            foreach (ref readonly var pair in Updates)
            {
                var q = pair.Q[u];
                *events++ = new RowEvent { Factor = rate * pair.P[u][i], Vector = q, Keep = 1, Gradient = q };
            }
            // The last update and the first gradient are one event.
            var isNew = Updates.Length == 0;
            foreach (ref readonly var pair in Gradients)
            {
                var y = pair.Q[u];
                if (isNew)
                {
                    *events++ = new RowEvent { Vector = y };
                }
                ref var e = ref events[-1];
                e.Keep = last == u ? 1 : *decay;
                e.GradientFactor = pair.P[u][i];
                e.Gradient = y;
                (last, isNew) = (u, true);
            }
        }
        return ((int)(events - start), decays[last * (Count + 1)]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Four<R>(int i, int j, RowEvent* e, int count, float keep) where R : struct, IRegister<R>
    {
        int second = R.Width, third = 2 * R.Width, fourth = 3 * R.Width;
        var at = (long)i * Stride + j;
        var alpha = AlphaBar + at;
        R a0 = R.Load(alpha), a1 = R.Load(alpha + second), a2 = R.Load(alpha + third), a3 = R.Load(alpha + fourth);
        var zero = R.Zero;
        R f0 = zero, f1 = zero, f2 = zero, f3 = zero;
        if (From != null)
        {
            var from = From + at;
            (f0, f1, f2, f3) = (R.Load(from), R.Load(from + second), R.Load(from + third), R.Load(from + fourth));
        }
        for (var end = e + count; e < end; e++)
        {
            float* q = e->Vector + j, y = e->Gradient + j;
            var x = R.Splat(e->Factor);
            a0 = R.Fma(f0 * R.Load(q), x, a0);
            a1 = R.Fma(f1 * R.Load(q + second), x, a1);
            a2 = R.Fma(f2 * R.Load(q + third), x, a2);
            a3 = R.Fma(f3 * R.Load(q + fourth), x, a3);
            R decay = R.Splat(e->Keep), z = R.Splat(e->GradientFactor);
            f0 = R.Fma(decay, f0, z * R.Load(y));
            f1 = R.Fma(decay, f1, z * R.Load(y + second));
            f2 = R.Fma(decay, f2, z * R.Load(y + third));
            f3 = R.Fma(decay, f3, z * R.Load(y + fourth));
        }
        a0.Store(alpha);
        a1.Store(alpha + second);
        a2.Store(alpha + third);
        a3.Store(alpha + fourth);
        if (To != null)
        {
            var last = R.Splat(keep);
            (last * f0).Store(To + at);
            (last * f1).Store(To + at + second);
            (last * f2).Store(To + at + third);
            (last * f3).Store(To + at + fourth);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void One<R>(int i, int j, RowEvent* e, int count, float keep) where R : struct, IRegister<R>
    {
        var at = (long)i * Stride + j;
        R a = R.Load(AlphaBar + at), f = From == null ? R.Zero : R.Load(From + at);
        for (var end = e + count; e < end; e++)
        {
            a = R.Fma(f * R.Load(e->Vector + j), R.Splat(e->Factor), a);
            f = R.Fma(R.Splat(e->Keep), f, R.Splat(e->GradientFactor) * R.Load(e->Gradient + j));
        }
        a.Store(AlphaBar + at);
        if (To != null)
        {
            (R.Splat(keep) * f).Store(To + at);
        }
    }
}

/// <summary>What a step does in one row: ᾱ ← ᾱ + Factor·Vector∘F̄, then F̄ ← Keep·F̄ + GradientFactor·Gradient.</summary>
internal unsafe struct RowEvent
{
    public float Factor, Keep, GradientFactor;
    public float* Vector, Gradient;
}
