using SkiaSharp;

namespace Plastic.Host;

/// <summary>Something that can be drawn on a page of its own.</summary>
/// <param name="Title">What it shows, for readers who cannot see it.</param>
/// <param name="Width">In points.</param>
/// <param name="Height">In points.</param>
/// <param name="Draw">Draws it onto a canvas whose unit is the point.</param>
internal sealed record Picture(string Title, float Width, float Height, Action<SKCanvas> Draw);
