using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>Makes the cotangents of an update's operands from the sums of its adjoint (<see cref="DenseBars"/>).</summary>
internal static unsafe class DenseSums<V> where V : struct, ILanes<V>
{
    /// <summary>Gives the backward list of step t the sums of the update at its end.</summary>
    public static void Write(in GroupContext run, DensePlan plan, int g, int t)
    {
        var sums = run.Workspace.Dense;
        var layout = plan.Layout;
        var pairRate = *run.At(plan.Eligibility?.Rate ?? plan.Update.Rate, g, t);
        var rateBar = 0f;
        for (var k = 0; k < plan.Update.Pairs.Length; k++)
        {
            float* rows = sums.RowSums + k * sums.SumStride, columns = sums.ColumnSums + k * sums.SumStride;
            AddLanes(sums.RowLanes + k * sums.SumStride * Lanes.Count, layout.Rows, rows);
            rateBar += Dot(run.At(plan.Update.Pairs[k].P, g, t), rows, layout.Rows);
            if (plan.Bars.Pairs[k].P is { } pBar)
            {
                Elementwise<V>.ZipScalarSecond<Mul>(run.At(pBar, g, t), rows, pairRate, pBar.Length);
            }
            if (plan.Bars.Pairs[k].Q is { } qBar)
            {
                Elementwise<V>.Copy(run.At(qBar, g, t), columns, qBar.Length);
            }
        }
        if (plan.Bars.Keep is { } keepBar)
        {
            WriteKeep(run.At(keepBar, g, t), plan.KeepsPerOutput ? keepBar.Length : null, sums.KeepSums, layout.Stride);
        }
        if (plan.Eligibility is { } e)
        {
            WriteScalar(run, plan.Bars.Rate, g, t, Elementwise<V>.Sum(sums.RateSums, layout.Stride));
            WriteScalar(run, e.KeepBar, g, t, Elementwise<V>.Sum(sums.EligibilityKeepSums, layout.Stride));
            WriteScalar(run, e.RateBar, g, t, rateBar);
        }
        else
        {
            WriteScalar(run, plan.Bars.Rate, g, t, rateBar);
        }
    }

    /// <summary>The sum of the sixteen sums of each row, the number of which is a multiple of four.</summary>
    public static void AddLanes(float* lanes, int rows, float* sums)
    {
        for (var i = 0; i < rows; i += 4, lanes += 4 * Lanes.Count)
        {
            var four = Lanes.Sum4(
                V.Load(lanes), V.Load(lanes + Lanes.Second), V.Load(lanes + Lanes.Third), V.Load(lanes + Lanes.Fourth));
            four.Store(sums + i);
        }
    }

    // Rows are a multiple of four, and what follows them in the scratch may be another synapse's.
    private static float Dot(float* p, float* sums, int rows)
    {
        var total = 0f;
        for (var i = 0; i < rows; i++)
        {
            total = MathF.FusedMultiplyAdd(p[i], sums[i], total);
        }
        return total;
    }

    /// <summary>keep̄: a number for each output, if it says for how many, or else one number.</summary>
    private static void WriteKeep(float* to, int? outputs, float* sums, int stride)
    {
        if (outputs is { } count)
        {
            Elementwise<V>.Copy(to, sums, count);
        }
        else
        {
            Elementwise<V>.Scalar(to, Elementwise<V>.Sum(sums, stride));
        }
    }

    private static void WriteScalar(in GroupContext run, Place? bar, int g, int t, float value)
    {
        if (bar is { } place)
        {
            Elementwise<V>.Scalar(run.At(place, g, t), value);
        }
    }
}
