using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Where a convolution and its norm have their numbers.</summary>
internal sealed class ConvolutionPlan
{
    /// <param name="norm">The convolution.</param>
    /// <param name="side">Rows and columns of its images.</param>
    /// <param name="isFirst">Whether it reads the image itself, whose cotangent nobody needs.</param>
    /// <param name="number">Its number in the encoder.</param>
    public ConvolutionPlan(ConvolutionNorm norm, int side, bool isFirst, int number)
    {
        (Norm, Number, HasInputBar) = (norm, number, !isFirst);
        Input = new MapShape(side, isFirst ? 4 : Lanes.Padded(norm.Inputs));
        Output = new MapShape(side, Lanes.Padded(norm.Outputs));
    }

    public ConvolutionNorm Norm { get; }

    public int Number { get; }

    /// <summary>Whether the cotangent of its input is computed.</summary>
    public bool HasInputBar { get; }

    public MapShape Input { get; }

    public MapShape Output { get; }

    /// <summary>Places of the kernel.</summary>
    public int Taps => Norm.Kernel * Norm.Kernel;

    /// <summary>Whether it is computed by <see cref="Winograd"/>. An image's three channels are too few for it.</summary>
    public bool IsTiled => Norm.Kernel == 3 && HasInputBar && Winograd.Suits(Input, Output.Channels);

    /// <summary>Places of the kernel as it is stored.</summary>
    private int Places => IsTiled ? Winograd.Places : Taps;

    /// <summary>Floats of the kernel as it is stored, [places · input channels][output channels].</summary>
    public long Weights => (long)Places * Input.Channels * Output.Channels;

    /// <summary>Where the kernel is among all kernels.</summary>
    public long WeightAt { get; set; }

    /// <summary>Where the values of a step's first image are among those of a step.</summary>
    public long ValuesAt { get; set; }

    /// <summary>Where the vectors of its norm are among those of a step.</summary>
    public long NormAt { get; set; }

    /// <summary>The forward kernel of a parameter [outputs, inputs, k, k].</summary>
    public unsafe void Pack(float[] weight, float* to)
    {
        Span<float> places = stackalloc float[Places];
        for (var o = 0; o < Norm.Outputs; o++)
        {
            for (var c = 0; c < Norm.Inputs; c++)
            {
                Store(weight.AsSpan((o * Norm.Inputs + c) * Taps, Taps), places);
                for (var k = 0; k < Places; k++) to[((long)k * Input.Channels + c) * Output.Channels + o] = places[k];
            }
        }
    }

    /// <summary>The kernel that takes cotangents of the output to those of the input: mirrored, channels exchanged.</summary>
    public unsafe void PackTransposed(float[] weight, float* to)
    {
        Span<float> mirrored = stackalloc float[Taps], places = stackalloc float[Places];
        for (var o = 0; o < Norm.Outputs; o++)
        {
            for (var c = 0; c < Norm.Inputs; c++)
            {
                weight.AsSpan((o * Norm.Inputs + c) * Taps, Taps).CopyTo(mirrored);
                mirrored.Reverse();
                Store(mirrored, places);
                for (var k = 0; k < Places; k++) to[((long)k * Output.Channels + o) * Input.Channels + c] = places[k];
            }
        }
    }

    /// <summary>The gradient [outputs, inputs, k, k] from that of the forward kernel.</summary>
    public unsafe void Unpack(float* from, float[] gradient)
    {
        Span<float> places = stackalloc float[Places];
        for (var o = 0; o < Norm.Outputs; o++)
        {
            for (var c = 0; c < Norm.Inputs; c++)
            {
                for (var k = 0; k < Places; k++) places[k] = from[((long)k * Input.Channels + c) * Output.Channels + o];
                var taps = gradient.AsSpan((o * Norm.Inputs + c) * Taps, Taps);
                if (IsTiled)
                {
                    Winograd.FromTiles(places, taps);
                }
                else
                {
                    places.CopyTo(taps);
                }
            }
        }
    }

    private void Store(ReadOnlySpan<float> taps, Span<float> places)
    {
        if (IsTiled)
        {
            Winograd.ToTiles(taps, places);
        }
        else
        {
            taps.CopyTo(places);
        }
    }
}
