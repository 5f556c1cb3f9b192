using Operation = Plastic.Core.Operation<Plastic.Engine.Place, int>;

namespace Plastic.Engine;

/// <summary>
/// The operations on vectors as functions of one signature, so that those of a plan are looked up once: y, of a given number of elements,
/// from a and b, of which an operation may use one.
/// </summary>
internal static unsafe class VectorKernels<V> where V : struct, ILanes<V>
{
    /// <summary>The kernel of an operation; null for a concatenation, which has any number of operands.</summary>
    public static delegate*<float*, float*, float*, int, void> Of(VectorOperation o) => o.Operation switch
    {
        Operation.Map map => Map(map.f),
        Operation.Zip zip => Zip(zip, o.Target.Length),
        Operation.Sum => &Sum,
        Operation.Dot => &Dot,
        Operation.Broadcast => &Fill,
        Operation.Slice => &Copy,
        Operation.Concat => null,
        var other => throw new InvalidOperationException($"the engine has no kernel for {other.Name}"),
    };

    /// <summary>Elements that the kernel goes over: those of the target, or of what is summed.</summary>
    public static int Length(VectorOperation o) => o.Operation switch
    {
        Operation.Sum sum => sum.x.Length,
        Operation.Dot dot => dot.a.Length,
        _ => o.Target.Length,
    };

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

    private static delegate*<float*, float*, float*, int, void> Zip(Operation.Zip zip, int length) => zip.f.Tag switch
    {
        Core.Binary.Tags.Add => Zip<Add>(zip, length),
        Core.Binary.Tags.Sub => Zip<Sub>(zip, length),
        Core.Binary.Tags.Mul => Zip<Mul>(zip, length),
        Core.Binary.Tags.Div => Zip<Div>(zip, length),
        Core.Binary.Tags.Max => Zip<Max>(zip, length),
        Core.Binary.Tags.Min => Zip<Min>(zip, length),
        _ => throw new InvalidOperationException($"the engine has no kernel for {zip.f}"),
    };

    /// <summary>An operand of one element counts for every element of a longer target.</summary>
    private static delegate*<float*, float*, float*, int, void> Zip<F>(Operation.Zip zip, int length) where F : struct, IZip =>
        (zip.a.Length < length, zip.b.Length < length) switch
        {
            (false, false) => &ZipBoth<F>,
            (true, false) => &ZipScalarFirst<F>,
            (false, true) => &ZipScalarSecond<F>,
            _ => &ZipScalars<F>,
        };

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
