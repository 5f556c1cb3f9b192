using System.Globalization;
using Plastic.Claims;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The statistics of claims against an independent computation.</summary>
public sealed class ClaimStatisticsTests
{
    /// <summary>Python's own arithmetic: Student's t by numerical integration, every resample by itertools, the median by statistics.</summary>
    [SkippableFact]
    public void Intervals_agree_with_Python()
    {
        Skip.IfNot(Python.Has("statistics"), "needs python3");
        var random = new Random(19);
        using var session = new Session();
        Directory.CreateDirectory(session.Out);
        for (var n = 2; n <= 6; n++)
        {
            var values = Enumerable.Range(0, n).Select(_ => Math.Round(random.NextDouble() * 10, 6)).ToArray();
            var printed = Python.Run(session.Out, $"values = [{string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]\n{Script}", "statistics")
                .Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            var mean = Bootstrap.interval<double>(FuncConvert(values => values.Average()), values);
            var median = Bootstrap.interval<double>(FuncConvert(Bootstrap.median), values);
            double[] ours = [mean.Low, mean.High, median.Low, median.High];
            for (var k = 0; k < 4; k++) Assert.Equal(printed[k], ours[k], 1e-7);
        }
    }

    /// <summary>A lead and a ratio, of stored numbers; with 20 values 20,000 resamples of its own.</summary>
    [SkippableFact]
    public void Effects_of_claims_agree_with_Python()
    {
        Skip.IfNot(Python.Has("statistics"), "needs python3");
        using var session = new Session();
        Directory.CreateDirectory(session.Out);
        double[][] groups = [[0.0801, 0.0733, 0.0755, 0.0772, 0.0752], [0.0885, 0.0783, 0.0732, 0.0804, 0.0865], [0.0792, 0.0743, 0.0758, 0.0812, 0.0779]];
        var random = new Random(20);
        var twenty = Enumerable.Range(0, 20).Select(_ => Math.Round(random.NextDouble() * 10, 6)).ToArray();
        string List(double[] values) => $"[{string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]";
        var printed = Python.Run(
                session.Out, $"values = {List(groups[0])}\ngroups = [{string.Join(", ", groups.Select(List))}]\ntwenty = {List(twenty)}\n{Script}\n{Effects}", "statistics")
            .Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray()[4..];

        double[] Of(string name)
        {
            var claim = Plastic.Claims.Claims.All.Single(one => one.Name == name);
            var known = groups[..claim.Groups.Count].Select(values => (IReadOnlyDictionary<long, double>)values.Index().ToDictionary(one => (long)one.Index, one => one.Item));
            var interval = FindingModule.ofQuantities(claim, 5, [.. known]).Interval.Value;
            return [interval.Estimate, interval.Low, interval.High];
        }

        double[] ours = [.. Of("rate_gradient"), .. Of("cue_rnn_gradient")];
        for (var k = 0; k < ours.Length; k++) Assert.Equal(printed[k], ours[k], 1e-7);
        var mean = Bootstrap.interval<double>(FuncConvert(values => values.Average()), twenty);
        Assert.Equal(printed[^2], mean.Low, 0.05 * (mean.High - mean.Low));
        Assert.Equal(printed[^1], mean.High, 0.05 * (mean.High - mean.Low));
    }

    private const string Effects = """
        def interval(effect, shown):
            all_seeds = list(zip(*groups))
            found = sorted(effect(resample) for resample in itertools.product(all_seeds, repeat=n))
            print(shown(effect(all_seeds)), shown(quantile(found, tail)), shown(quantile(found, 1 - tail)))
        def spread(seeds):
            means = [statistics.fmean(math.log(x) for x in group) for group in zip(*seeds)]
            return max(means) - min(means)
        def lead(seeds):
            means = [statistics.fmean(group) for group in zip(*seeds)]
            return means[0] - means[1]
        interval(spread, math.exp)
        interval(lead, float)
        import random
        source = random.Random(3)
        low, high = 0.0, 100.0
        while high - low > 1e-11:
            middle = (low + high) / 2
            low, high = (middle, high) if t_cdf(middle, 19) < 0.975 else (low, middle)
        tail = statistics.NormalDist().cdf(-low * math.sqrt(20 / 19))
        found = sorted(statistics.fmean(source.choices(twenty, k=20)) for _ in range(20000))
        print(quantile(found, tail), quantile(found, 1 - tail))
        """;

    private const string Script = """
        import itertools, math, statistics
        n = len(values)
        def t_cdf(x, v):
            c = math.gamma((v + 1) / 2) / (math.sqrt(v * math.pi) * math.gamma(v / 2))
            steps = 20000
            h = x / steps
            f = lambda u: c * (1 + u * u / v) ** (-(v + 1) / 2)
            return 0.5 + h / 3 * sum(f(k * h) * (1 if k in (0, steps) else 4 if k % 2 else 2) for k in range(steps + 1))
        low, high = 0.0, 100.0
        while high - low > 1e-11:
            middle = (low + high) / 2
            low, high = (middle, high) if t_cdf(middle, n - 1) < 0.975 else (low, middle)
        tail = statistics.NormalDist().cdf(-low * math.sqrt(n / (n - 1)))
        def quantile(sorted_values, share):
            place = share * (len(sorted_values) - 1)
            below = math.floor(place)
            above = min(below + 1, len(sorted_values) - 1)
            return sorted_values[below] + (place - below) * (sorted_values[above] - sorted_values[below])
        for statistic in (statistics.fmean, statistics.median):
            found = sorted(statistic(resample) for resample in itertools.product(values, repeat=n))
            print(quantile(found, tail), quantile(found, 1 - tail))
        """;

    private static Microsoft.FSharp.Core.FSharpFunc<double[], double> FuncConvert(Converter<double[], double> statistic) =>
        Microsoft.FSharp.Core.FSharpFunc<double[], double>.FromConverter(statistic);
}
