using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>Clipping by the global norm, separate from measuring it.</summary>
public static class GradientNorm
{
    /// <summary>
    /// The factor that clips a gradient: min(1, maximum / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_. Pass it to
    /// <see cref="AdamW{T}.Step"/> instead of scaling the gradient. A NaN norm gives NaN, an infinite one 0.
    /// </summary>
    /// <param name="norm">The norm before clipping, ≥ 0.</param>
    /// <param name="maximum">The largest norm allowed, &gt; 0.</param>
    public static double Scale(double norm, double maximum) => Math.Min(1, maximum / (norm + 1e-6));
}

/// <summary>
/// The global L2 norm √Σ g² over a list of arrays. Squares are summed in double, within fixed ranges and then over the
/// ranges in order, so the bits do not depend on the crew. Allocation-free after construction.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class GradientNorm<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Step = 16;

    private readonly T[][] like;
    private readonly ArrayRange[] ranges;
    private readonly double[] squares;
    private readonly Action<int, int> measureRange;
    private T[][] gradients = [];

    /// <param name="like">Arrays with the lengths of the gradients.</param>
    /// <exception cref="NotSupportedException">T is neither float nor double.</exception>
    public GradientNorm(T[][] like)
    {
        ArgumentNullException.ThrowIfNull(like);
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            throw new NotSupportedException($"GradientNorm: expected float or double, got {typeof(T).Name}.");
        }

        this.like = like;
        ranges = ArrayRange.Cut(like);
        squares = new double[ranges.Length];
        measureRange = MeasureRange;
    }

    /// <summary>The norm √Σ g² over all arrays.</summary>
    /// <param name="gradients">The gradients, which are only read.</param>
    /// <param name="crew">The threads that share the work; the result does not depend on them.</param>
    /// <exception cref="ArgumentException">The arrays' lengths differ from those given at construction.</exception>
    public double Measure(T[][] gradients, Crew crew)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentNullException.ThrowIfNull(crew);
        ArrayRange.RequireSameShape("GradientNorm.Measure", like, gradients);
        this.gradients = gradients;
        crew.Run(ranges.Length, measureRange);
        var total = 0.0;
        foreach (var square in squares)
        {
            total += square;
        }

        return Math.Sqrt(total);
    }

    private void MeasureRange(int worker, int index)
    {
        var range = ranges[index];
        var values = gradients[range.Array].AsSpan(range.Start, range.Length);
        var whole = values.Length - values.Length % Step;
        Vector512<double> low = default, high = default;
        for (var i = 0; i < whole; i += Step)
        {
            var (a, b) = Widen(ref values[i]);
            low += a * a;
            high += b * b;
        }

        if (whole < values.Length)
        {
            Span<T> pad = stackalloc T[Step];
            pad.Clear();
            values[whole..].CopyTo(pad);
            var (a, b) = Widen(ref pad[0]);
            low += a * a;
            high += b * b;
        }

        // A fixed summation tree, because Vector512.Sum leaves the order to the machine.
        var eight = low + high;
        var four = eight.GetLower() + eight.GetUpper();
        var two = four.GetLower() + four.GetUpper();
        squares[index] = two[0] + two[1];
    }

    // Sixteen values as doubles.
    private static (Vector512<double> Low, Vector512<double> High) Widen(ref T from) =>
        typeof(T) == typeof(float)
            ? Vector512.Widen(Vector512.LoadUnsafe(ref Unsafe.As<T, float>(ref from)))
            : (Vector512.LoadUnsafe(ref Unsafe.As<T, double>(ref from)),
                Vector512.LoadUnsafe(ref Unsafe.As<T, double>(ref from), Step / 2));
}
