using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The elementwise functions in the words of <see cref="Prelude"/>.</summary>
internal static class DeviceFunctions
{
    public static string Map(Unary function, string x) => function.Tag switch
    {
        Unary.Tags.Neg => $"-{x}",
        Unary.Tags.Exp => $"f_exp({x})",
        Unary.Tags.Log => $"f_log({x})",
        Unary.Tags.Sqrt => $"SQRT({x})",
        Unary.Tags.Tanh => $"f_tanh({x})",
        Unary.Tags.Sigmoid => $"f_sigmoid({x})",
        Unary.Tags.Relu => $"f_relu({x})",
        Unary.Tags.Heaviside => $"f_step({x})",
        _ => throw new NotSupportedException($"{function} has no code for devices"),
    };

    public static string Zip(Binary function, string a, string b) => function.Tag switch
    {
        Binary.Tags.Add => $"{a} + {b}",
        Binary.Tags.Sub => $"{a} - {b}",
        Binary.Tags.Mul => $"{a} * {b}",
        Binary.Tags.Div => $"{a} / {b}",
        Binary.Tags.Max => $"f_max({a}, {b})",
        Binary.Tags.Min => $"f_min({a}, {b})",
        _ => throw new NotSupportedException($"{function} has no code for devices"),
    };
}
