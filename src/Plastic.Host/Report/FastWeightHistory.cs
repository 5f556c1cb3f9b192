using Plastic.Core;
using Plastic.Engine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>The fast weights of one layer over one episode, as means over blocks of connections.</summary>
/// <param name="Rows">Blocks of presynaptic units.</param>
/// <param name="Columns">Blocks of postsynaptic units.</param>
/// <param name="Steps">F after each step, row by row.</param>
internal sealed record FastWeightHistory(int Rows, int Columns, IReadOnlyList<double[]> Steps)
{
    private const int MostBlocks = 48;

    /// <summary>Of the first episode of the test set: the batch is run again for every number of steps.</summary>
    /// <param name="run">A finished run.</param>
    /// <param name="network">Its network, plastic.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="threads">Threads to use.</param>
    public static FastWeightHistory Of(Run run, PlasticNetwork network, float[][] weights, string layer, int threads)
    {
        using var crew = new Crew(threads);
        using var executor = new CpuExecutor(network.Program, crew);
        var parameters = Array.ConvertAll(weights, p => Array.ConvertAll(p, x => (double)x));
        var whole = new BatchSource(run, crew).Test(0);
        var matrix = network.Program.Synapses.Single(synapse => synapse.Matrix.Name == layer).Matrix;
        int rows = Math.Min(MostBlocks, matrix.Rows), columns = Math.Min(MostBlocks, matrix.Columns);
        var steps = Enumerable.Range(1, whole.Steps).Select(count =>
        {
            var fast = executor.Run(parameters, First(whole, count), wantGradient: false).FastWeights[layer];
            return Blocks(fast, matrix, rows, columns);
        }).ToArray();
        return new FastWeightHistory(rows, columns, steps);
    }

    /// <summary>The largest magnitude.</summary>
    public double Largest => Steps.SelectMany(values => values).Select(Math.Abs).DefaultIfEmpty(0).Max();

    /// <summary>The batch up to a step.</summary>
    private static Batch First(Batch whole, int steps)
    {
        double[] Cut(double[] values, int width) =>
        [
            .. Enumerable.Range(0, whole.Size).SelectMany(sample =>
                values.AsSpan(sample * whole.Steps * width, steps * width).ToArray()),
        ];
        return new Batch(
            whole.Size, steps, whole.Inputs, whole.Outputs, Cut(whole.Input, whole.Inputs), Cut(whole.Target, whole.Outputs),
            whole.Weight[..steps]);
    }

    private static double[] Blocks(double[] fast, Matrix matrix, int rows, int columns)
    {
        var sums = new double[rows * columns];
        var counts = new int[rows * columns];
        for (var i = 0; i < matrix.Rows; i++)
        {
            for (var j = 0; j < matrix.Columns; j++)
            {
                var block = i * rows / matrix.Rows * columns + j * columns / matrix.Columns;
                sums[block] += fast[i * matrix.Columns + j];
                counts[block]++;
            }
        }
        return [.. sums.Zip(counts, (sum, count) => sum / count)];
    }
}
