using Plastic.Core;
using Plastic.Tasks;

namespace echo;

/// <summary>What `plastic train ./echo/bin/Release/net10.0/echo.dll` trains.</summary>
public static class Tasks
{
    private const int Inputs = 4, Steps = 8;

    /// <summary>Numbers are shown; the first one is to be said at every step.</summary>
    public static readonly Plastic.Tasks.Task First = Plastic.Tasks.Task
        .Create("echo", "numbers are shown; say the first one at every step", Loss.MeanSquaredError, Inputs, 1, Steps, 1.0 / 3, Draw)
        .With("hidden", "32")
        .With("max_batch", "2000");

    /// <summary>Writes every element of an episode: input [Steps, Inputs] ~ U(−1, 1), target [Steps, 1].</summary>
    private static void Draw(EpisodeSettings settings, RandomStream stream, ArraySegment<double> input, ArraySegment<double> target)
    {
        for (var k = 0; k < input.Count; k++) input[k] = stream.Uniform(-1, 1);
        for (var t = 0; t < Steps; t++) target[t] = input[0];
    }
}
