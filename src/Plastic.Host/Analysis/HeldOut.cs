namespace Plastic.Host;

/// <summary>Readouts of vectors that they were not fitted to: each of four parts is predicted by one that was fitted to the other three.</summary>
internal static class HeldOut
{
    /// <summary>The parts.</summary>
    public const int Parts = 4;

    /// <summary>How well numbers are read.</summary>
    /// <param name="products">The products of all vectors, [all, all].</param>
    /// <param name="all">How many there are.</param>
    /// <param name="those">The places of the vectors that have the numbers.</param>
    /// <param name="partOf">The part that each of these is in, 0 to 3.</param>
    /// <param name="numbers">What is read.</param>
    public static ReadQuality[] Qualities(double[] products, int all, int[] those, int[] partOf, IReadOnlyList<ReadNumbers> numbers)
    {
        ReadQuality[] qualities = [.. numbers.Select(one => new ReadQuality(new double[one.Width], new double[one.Width], 0))];
        for (var part = 0; part < Parts; part++)
        {
            int[] test = [.. those.Where((_, k) => partOf[k] == part)], train = [.. those.Where((_, k) => partOf[k] != part)];
            double[][] known = [.. numbers.SelectMany(one => Columns(one, train))];
            var predicted = new Ridge(products, all, train).Predict(known, test);
            var first = 0;
            for (var q = 0; q < numbers.Count; q++)
            {
                var columns = first..(first + numbers[q].Width);
                qualities[q] = qualities[q].With(those.Length, known[columns], predicted[columns], [.. Columns(numbers[q], test)]);
                first = columns.End.Value;
            }
        }
        return qualities;
    }

    private static IEnumerable<double[]> Columns(ReadNumbers numbers, int[] of) =>
        Enumerable.Range(0, numbers.Width).Select(k => Array.ConvertAll(of, e => numbers.Of(e, k)));
}
