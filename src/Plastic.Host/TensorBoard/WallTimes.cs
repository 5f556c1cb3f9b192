using System.Text.Json;

namespace Plastic.Host;

/// <summary>
/// When the steps of a run were trained: metrics.jsonl holds no times, since it depends on the settings alone. From env.json and
/// resumed.jsonl it is known when each part of the run began, from timing.jsonl when it validated; in between, steps take equal times.
/// </summary>
internal sealed class WallTimes
{
    private readonly SortedList<int, double> known = [];

    /// <param name="path">The run's folder.</param>
    /// <exception cref="PlasticException">A file is missing, or its content is wrong.</exception>
    public WallTimes(string path)
    {
        var began = JsonFile.Read<Dictionary<string, JsonElement>>(Path.Combine(path, RunDirectory.EnvironmentFile));
        var resumed = JsonLines.ReadGrowing<Dictionary<string, JsonElement>>(Path.Combine(path, RunDirectory.ResumedFile));
        var lines = JsonLines.ReadGrowing<Timing>(Path.Combine(path, RunDirectory.TimingFile));
        // The last part first: what it did not train is of those before.
        var (times, end) = (new double[lines.Count], lines.Count);
        foreach (var (start, first) in resumed.Reverse().Select(part => (Started(part), TimedPart.Begin(lines, end, StepOf(part)))).Append((Started(began), 0)))
        {
            for (var k = first; k < end; k++) times[k] = start + lines[k].Seconds;
            end = first;
        }
        Add(0, Started(began));
        foreach (var (line, time) in lines.Zip(times)) Add(line.Step, time);
    }

    /// <summary>When the run began, in seconds since 1970.</summary>
    public double Start => known.Values[0];

    /// <summary>When it was last heard of.</summary>
    public double End => known.Values[^1];

    /// <summary>When a step was trained, in seconds since 1970.</summary>
    public double Of(int step)
    {
        var after = 0;
        while (after < known.Count && known.Keys[after] < step) after++;
        if (after == known.Count) return End;
        if (known.Keys[after] == step || after == 0) return known.Values[after];
        var (from, to) = (known.Keys[after - 1], known.Keys[after]);
        return double.Lerp(known.Values[after - 1], known.Values[after], (step - from) / (double)(to - from));
    }

    /// <summary>A moment; what was known of later steps was trained again.</summary>
    private void Add(int step, double time)
    {
        while (known.Count > 0 && known.Keys[^1] > step) known.RemoveAt(known.Count - 1);
        known[step] = known.Count > 0 ? Math.Max(time, End) : time;
    }

    private static int StepOf(Dictionary<string, JsonElement> part) =>
        part.TryGetValue("step", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var step) ? step : 0;

    private static double Started(Dictionary<string, JsonElement> environment) =>
        environment.TryGetValue("started", out var text) && text.ValueKind == JsonValueKind.String && text.TryGetDateTimeOffset(out var time)
            ? time.ToUnixTimeMilliseconds() / 1000.0
            : 0;
}
