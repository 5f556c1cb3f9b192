namespace Plastic.Engine;

/// <summary>What a block's last activation reads: the values of its path and, if it has one, of its shortcut.</summary>
internal readonly unsafe struct BlockValues(MapShape shape, float* z, NormVectors norm, float* shortcut, NormVectors shortcutNorm)
{
    public MapShape Shape => shape;

    public float* Z => z;

    public NormVectors Norm => norm;

    /// <summary>Null if there is none.</summary>
    public float* Shortcut => shortcut;

    public NormVectors ShortcutNorm => shortcutNorm;
}
