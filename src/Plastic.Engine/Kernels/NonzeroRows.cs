namespace Plastic.Engine;

/// <summary>Lists the rows of a product whose factor is not zero, a block at a time, so that the list has a fixed size.</summary>
internal static unsafe class NonzeroRows
{
    /// <summary>Rows of a block.</summary>
    public const int Block = 1024;

    /// <summary>Writes the indices of the elements of x in a block, from the first on, that are not zero; returns how many.</summary>
    public static int List(float* x, int first, int rows, int* listed)
    {
        var count = 0;
        for (var i = first; i < Math.Min(first + Block, rows); i++)
        {
            listed[count] = i;
            count += x[i] != 0 ? 1 : 0;
        }
        return count;
    }
}
