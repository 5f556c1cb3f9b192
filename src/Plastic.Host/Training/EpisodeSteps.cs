namespace Plastic.Host;

/// <summary>Steps of an episode at which its network is looked at.</summary>
internal static class EpisodeSteps
{
    /// <summary>At most so many steps, counted from 1, evenly spaced, the last one among them.</summary>
    public static int[] Spaced(int steps, int most)
    {
        var count = Math.Min(most, steps);
        return [.. Enumerable.Range(1, count).Select(k => k * steps / count)];
    }
}
