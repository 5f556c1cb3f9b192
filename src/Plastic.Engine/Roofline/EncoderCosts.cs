using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// What an encoder's plain convolutions require for one image, as multiply-adds, each two operations: side² · k² · inputs · outputs for the values
/// of one, as many for the gradient of its kernel, and as many for the cotangent of its input, which nobody needs of the image itself.
/// What batch norms, activations and pools take is not counted; Winograd's tiles take less than half of the multiply-adds.
/// </summary>
public sealed class EncoderCosts
{
    /// <param name="encoder">The encoder.</param>
    public EncoderCosts(Encoder encoder)
    {
        foreach (var c in new EncoderPlan(encoder, images: 1).Convolutions)
        {
            var products = (double)c.Output.Side * c.Output.Side * c.Taps * c.Norm.Inputs * c.Norm.Outputs;
            Forward += products;
            Backward += (c.HasInputBar ? 2 : 1) * products;
        }
    }

    /// <summary>Multiply-adds of an image's features.</summary>
    public double Forward { get; }

    /// <summary>Multiply-adds of the adjoint.</summary>
    public double Backward { get; }
}
