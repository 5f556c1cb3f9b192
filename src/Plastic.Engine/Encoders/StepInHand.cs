namespace Plastic.Engine;

/// <summary>One step of a batch of images: where its images, kernels, values and vectors are.</summary>
internal readonly unsafe struct StepInHand(
    float[] images, int number, int steps, bool isTraining, long pass, float* kernels, float* transposed, float* values, float* vectors)
{
    /// <summary>[episodes, steps, 3, side, side].</summary>
    public float[] Images => images;

    /// <summary>Its number in the episodes.</summary>
    public int Number => number;

    public bool IsTraining => isTraining;

    /// <summary>The number of this forward pass, counted from the encoder's construction.</summary>
    public long Pass => pass;

    /// <summary>The place of an image of this step among all images.</summary>
    public int Place(int image) => image * steps + number;

    public float* Kernel(ConvolutionPlan c) => kernels + c.WeightAt;

    public float* TransposedKernel(ConvolutionPlan c) => transposed + c.WeightAt;

    /// <summary>What a convolution gave of an image.</summary>
    public float* Values(ConvolutionPlan c, int image) => values + c.ValuesAt + image * c.Output.Size;

    public NormVectors Norm(ConvolutionPlan c) => new(vectors + c.NormAt, c.Output.Channels);

    /// <summary>The values of a block's last activation.</summary>
    public BlockValues Block(BlockPlan b, int image) => new(
        b.Last.Output, Values(b.Last, image), Norm(b.Last),
        b.Shortcut is { } s ? Values(s, image) : null, b.Shortcut is { } n ? Norm(n) : default);
}
