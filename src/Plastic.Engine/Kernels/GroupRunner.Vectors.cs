namespace Plastic.Engine;

/// <content>Vector operations over the samples of a group.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private void ExecuteVector(Operation o)
    {
        switch (o.Kind)
        {
            case Kind.Map:
                ExecuteMap(o);
                break;
            case Kind.Zip:
                ExecuteZip(o);
                break;
            case Kind.Sum:
                for (var g = low; g < high; g++)
                {
                    Elementwise<V>.Scalar(At(o.Target, g), Elementwise<V>.Sum(At(o.A, g), o.A.Length));
                }
                break;
            case Kind.Dot:
                for (var g = low; g < high; g++)
                {
                    Elementwise<V>.Scalar(At(o.Target, g), Elementwise<V>.Dot(At(o.A, g), At(o.B, g), o.A.Length));
                }
                break;
            case Kind.Broadcast:
                for (var g = low; g < high; g++)
                {
                    Elementwise<V>.Fill(At(o.Target, g), *At(o.A, g), o.Target.Length);
                }
                break;
            case Kind.Slice:
                for (var g = low; g < high; g++)
                {
                    Elementwise<V>.Copy(At(o.Target, g), At(o.A, g) + o.Start, o.Target.Length);
                }
                break;
            case Kind.Concat:
                ExecuteConcat(o);
                break;
            default:
                throw new InvalidOperationException($"{o.Kind} is not a vector operation");
        }
    }

    private void ExecuteConcat(Operation o)
    {
        for (var g = low; g < high; g++)
        {
            var to = At(o.Target, g);
            foreach (var piece in o.Pieces)
            {
                Elementwise<V>.CopyExactly(to, At(piece, g), piece.Length);
                to += piece.Length;
            }
            var end = At(o.Target, g) + Plan.Padded(o.Target.Length);
            for (; to < end; to++)
            {
                *to = 0;
            }
        }
    }

    private void ExecuteMap(Operation o)
    {
        if (o.Unary.IsNeg)
        {
            Map<Neg>(o);
        }
        else if (o.Unary.IsRelu)
        {
            Map<Relu>(o);
        }
        else if (o.Unary.IsHeaviside)
        {
            Map<Heaviside>(o);
        }
        else if (o.Unary.IsSigmoid)
        {
            Map<Sigmoid>(o);
        }
        else if (o.Unary.IsTanh)
        {
            Map<Tanh>(o);
        }
        else if (o.Unary.IsSqrt)
        {
            Map<Sqrt>(o);
        }
        else if (o.Unary.IsExp)
        {
            Map<Exp>(o);
        }
        else
        {
            Map<Log>(o);
        }
    }

    private void ExecuteZip(Operation o)
    {
        if (o.Binary.IsAdd)
        {
            Zip<Add>(o);
        }
        else if (o.Binary.IsSub)
        {
            Zip<Sub>(o);
        }
        else if (o.Binary.IsMul)
        {
            Zip<Mul>(o);
        }
        else if (o.Binary.IsDiv)
        {
            Zip<Div>(o);
        }
        else if (o.Binary.IsMax)
        {
            Zip<Max>(o);
        }
        else
        {
            Zip<Min>(o);
        }
    }

    private void Map<F>(Operation o) where F : struct, IMap
    {
        for (var g = low; g < high; g++)
        {
            Elementwise<V>.Map<F>(At(o.Target, g), At(o.A, g), o.Target.Length);
        }
    }

    private void Zip<F>(Operation o) where F : struct, IZip
    {
        var length = o.Target.Length;
        bool scalarFirst = o.A.Length < length, scalarSecond = o.B.Length < length;
        for (var g = low; g < high; g++)
        {
            float* y = At(o.Target, g), a = At(o.A, g), b = At(o.B, g);
            if (scalarFirst && scalarSecond)
            {
                Elementwise<V>.Fill(y, *a, length);
                Elementwise<V>.ZipScalarSecond<F>(y, y, *b, length);
            }
            else if (scalarFirst)
            {
                Elementwise<V>.ZipScalarFirst<F>(y, *a, b, length);
            }
            else if (scalarSecond)
            {
                Elementwise<V>.ZipScalarSecond<F>(y, a, *b, length);
            }
            else
            {
                Elementwise<V>.Zip<F>(y, a, b, length);
            }
        }
    }
}
