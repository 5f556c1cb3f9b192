namespace Plastic.Engine;

/// <summary>
/// The operations on vectors as functions of one signature, so that those of a plan are looked up once: y, of a given number of elements,
/// from a and b, of which an operation may use one.
/// </summary>
internal static unsafe class VectorKernels<V> where V : struct, ILanes<V>
{
    /// <summary>The kernel of an operation; null if it has none.</summary>
    public static delegate*<float*, float*, float*, int, void> Of(VectorOperation o) => o.Kind switch
    {
        Kind.Map => Map(o.Unary),
        Kind.Zip => Zip(o),
        Kind.Sum => &Sum,
        Kind.Dot => &Dot,
        Kind.Broadcast => &Fill,
        Kind.Slice => &Copy,
        _ => null,
    };

    /// <summary>Elements that the kernel goes over: those of the target, or of what is summed.</summary>
    public static int Length(VectorOperation o) => o.Kind is Kind.Sum or Kind.Dot ? o.A.Length : o.Target.Length;

    private static delegate*<float*, float*, float*, int, void> Map(Core.Unary function) => function.Tag switch
    {
        Core.Unary.Tags.Neg => &Map<Neg>,
        Core.Unary.Tags.Relu => &Map<Relu>,
        Core.Unary.Tags.Heaviside => &Map<Heaviside>,
        Core.Unary.Tags.Sigmoid => &Map<Sigmoid>,
        Core.Unary.Tags.Tanh => &Map<Tanh>,
        Core.Unary.Tags.Sqrt => &Map<Sqrt>,
        Core.Unary.Tags.Exp => &Map<Exp>,
        Core.Unary.Tags.Log => &Map<Log>,
        _ => throw new InvalidOperationException($"the engine has no kernel for {function}"),
    };

    private static delegate*<float*, float*, float*, int, void> Zip(VectorOperation o) => o.Binary.Tag switch
    {
        Core.Binary.Tags.Add => Zip<Add>(o),
        Core.Binary.Tags.Sub => Zip<Sub>(o),
        Core.Binary.Tags.Mul => Zip<Mul>(o),
        Core.Binary.Tags.Div => Zip<Div>(o),
        Core.Binary.Tags.Max => Zip<Max>(o),
        Core.Binary.Tags.Min => Zip<Min>(o),
        _ => throw new InvalidOperationException($"the engine has no kernel for {o.Binary}"),
    };

    /// <summary>An operand of one element counts for every element of a longer target.</summary>
    private static delegate*<float*, float*, float*, int, void> Zip<F>(VectorOperation o) where F : struct, IZip
    {
        var length = o.Target.Length;
        return (o.A.Length < length, o.B.Length < length) switch
        {
            (false, false) => &ZipBoth<F>,
            (true, false) => &ZipScalarFirst<F>,
            (false, true) => &ZipScalarSecond<F>,
            _ => &ZipScalars<F>,
        };
    }

    private static void Map<F>(float* y, float* a, float* b, int length) where F : struct, IMap =>
        Elementwise<V>.Map<F>(y, a, length);

    private static void ZipBoth<F>(float* y, float* a, float* b, int length) where F : struct, IZip =>
        Elementwise<V>.Zip<F>(y, a, b, length);

    private static void ZipScalarFirst<F>(float* y, float* a, float* b, int length) where F : struct, IZip =>
        Elementwise<V>.ZipScalarFirst<F>(y, *a, b, length);

    private static void ZipScalarSecond<F>(float* y, float* a, float* b, int length) where F : struct, IZip =>
        Elementwise<V>.ZipScalarSecond<F>(y, a, *b, length);

    private static void ZipScalars<F>(float* y, float* a, float* b, int length) where F : struct, IZip
    {
        Elementwise<V>.Fill(y, *a, length);
        Elementwise<V>.ZipScalarSecond<F>(y, y, *b, length);
    }

    private static void Sum(float* y, float* a, float* b, int length) =>
        Elementwise<V>.Scalar(y, Elementwise<V>.Sum(a, length));

    private static void Dot(float* y, float* a, float* b, int length) =>
        Elementwise<V>.Scalar(y, Elementwise<V>.Dot(a, b, length));

    private static void Fill(float* y, float* a, float* b, int length) => Elementwise<V>.Fill(y, *a, length);

    private static void Copy(float* y, float* a, float* b, int length) => Elementwise<V>.Copy(y, a, length);
}
