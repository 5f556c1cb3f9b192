namespace Plastic.Engine;

/// <summary>y_k ← y_k + Mᵀx_k for four vectors, strip by strip.</summary>
internal readonly unsafe struct FourProducts(float* m, int stride, int rows, VectorSeries x, VectorSeries y) : IRegisterKernel
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        var tile = new VectorTile(x[0], x.Stride, 1);
        for (int j = 0, strip; j < stride; j += strip)
        {
            strip = ProductTile<R>.Strip(stride - j);
            ProductTile<R>.Multiply(m + j, stride, strip, tile, rows, new Continue(y[0]), j, y.Stride);
        }
    }
}
