using System.Globalization;
using System.Text;
using Plastic.Claims;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// How the values of one axis, such as rules, rank by test loss among the runs that are equal in all other axes and the seed, and the
/// loss as a multiple of chance: means over seeds with their intervals. Rows are the values, columns the other axes' places; the last column
/// is the mean rank over all places. A run whose numbers overflowed ranks behind all that finished. A seed counts at a place where every value
/// has one or the other.
/// </summary>
internal sealed class RankTable : ITable
{
    /// <param name="Seed">The run's seed.</param>
    /// <param name="Loss">Its test loss; not a number where it overflowed.</param>
    /// <param name="OfChance">The same divided by chance.</param>
    private sealed record Tested(long Seed, double Loss, double OfChance)
    {
        /// <summary>How the run in a folder ended; null while it has not.</summary>
        public static Tested? Of(Run run, string path)
        {
            var loss = TestResults.Read(path)?.TestLoss;
            if (loss is null && RunStatus.Read(path) is { State: RunState.Failed } status && NumberCheck.IsReason(status.Message)) loss = double.NaN;
            return loss is { } known ? new Tested(run.Seed, known, known / run.Chance) : null;
        }
    }

    private readonly string axis;
    private readonly string[] placeAxes;
    private readonly RankCell[][] cells;

    private RankTable(string axis, string[] placeAxes, IReadOnlyList<(Run First, IReadOnlyList<Tested> Seeds)> found)
    {
        (this.axis, this.placeAxes) = (axis, placeAxes);
        Values = [.. found.Select(point => point.First.Text(axis)).Distinct()];
        var places = found.GroupBy(point => string.Join(", ", placeAxes.Select(other => point.First.Text(other)))).ToArray();
        var bySeed = new SortedDictionary<long, List<double[]>>();
        var columns = new List<(string Place, RankCell[] Cells)>();
        foreach (var place in places)
        {
            var byValue = place.ToDictionary(point => point.First.Text(axis), point => point.Seeds.ToDictionary(tested => tested.Seed));
            long[] seeds = byValue.Count < Values.Count ? []
                : [.. byValue.Values.Select(known => known.Keys.AsEnumerable()).Aggregate(Enumerable.Intersect).Order()];
            if (seeds.Length == 0) continue;
            var ranks = Array.ConvertAll(seeds, seed => Ranking.Of([.. Values.Select(value => byValue[value][seed].Loss)]));
            foreach (var (seed, rank) in seeds.Zip(ranks)) (bySeed.TryGetValue(seed, out var known) ? known : bySeed[seed] = []).Add(rank);
            columns.Add((place.Key, [.. Values.Select((value, k) => new RankCell(
                Ranking.Mean([.. ranks.Select(rank => rank[k])]),
                Mean([.. seeds.Select(seed => byValue[value][seed].OfChance).Where(double.IsFinite)]),
                seeds.Count(seed => double.IsFinite(byValue[value][seed].Loss)), seeds.Length))]));
        }
        // A seed whose places are not all complete would be compared on other places than the others.
        var whole = bySeed.Values.Where(ranks => ranks.Count == columns.Count).ToArray();
        if (whole.Length > 0)
        {
            columns.Add(("all", [.. Values.Select((_, k) => new RankCell(
                Ranking.Mean([.. whole.Select(ranks => ranks.Average(rank => rank[k]))]), null, whole.Length, whole.Length))]));
        }
        Places = [.. columns.Select(column => column.Place)];
        cells = [.. columns.Select(column => column.Cells)];
    }

    /// <summary>The table; null if no seed of any place is complete.</summary>
    public static RankTable? Of(Plan plan, PlannedFigure figure, string axis, FigureRuns runs)
    {
        var found = runs.Read<Tested>(figure.Runs, (run, path) => (Tested.Of(run, path), null));
        var table = new RankTable(axis, [.. plan.Axes.Where(other => other != axis)], found);
        return table.Places.Count > 0 ? table : null;
    }

    private static Interval? Mean(double[] values) => values.Length == 0 ? null : Ranking.Mean(values);

    /// <summary>The axis's values, in order.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>The places on the other axes, and "all".</summary>
    public IReadOnlyList<string> Places { get; }

    /// <summary>What is known of a value at a place.</summary>
    public RankCell this[int value, int place] => cells[place][value];

    public int FirstNumber => 1;

    public IEnumerable<string[]> Rows => Values
        .Select((value, row) => (string[])[value, .. Places.Select((_, place) => this[row, place].Text)])
        .Prepend([axis, .. Places]);

    public string Note =>
        "Mean rank by test loss (1 is best; equal losses share their ranks) and, after the colon, mean test loss in percent of chance; each with "
        + $"its 95 % interval, bootstrap over {Seeds}. A run whose numbers overflow ranks behind all that finish; where there are such runs, the "
        + "loss is that of those that finished, and their number stands in place of its interval.";

    public Picture Picture => RankDrawing.Of(this);

    /// <summary>Whether some runs overflowed.</summary>
    public bool HasOverflows => cells.SelectMany(column => column).Any(cell => cell.Finished < cell.Seeds);

    /// <summary>How many seeds: "5 seeds", or the least and the most.</summary>
    public string Seeds
    {
        get
        {
            var counts = cells.SelectMany(column => column).Select(cell => cell.Seeds).ToArray();
            return counts.Min() == counts.Max() ? $"{counts.Min()} seeds" : $"{counts.Min()} to {counts.Max()} seeds";
        }
    }

    public string Csv()
    {
        var text = new StringBuilder($"{string.Join('/', placeAxes)},{axis},rank,rank_low,rank_high,loss_of_chance,low,high,finished,seeds\n");
        for (var place = 0; place < Places.Count; place++)
        {
            for (var value = 0; value < Values.Count; value++)
            {
                var (rank, ofChance, finished, seeds) = this[value, place];
                var name = Places[place].Contains(',') ? $"\"{Places[place]}\"" : Places[place];
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{name},{Values[value]},{rank.Estimate:R},{rank.Low:R},{rank.High:R},{ofChance?.Estimate:R},{ofChance?.Low:R},{ofChance?.High:R},{finished},{seeds}\n");
            }
        }
        return text.ToString();
    }
}

/// <summary>What is known of a value at a place.</summary>
/// <param name="Rank">Its mean rank.</param>
/// <param name="OfChance">
/// The mean test loss of the runs that finished, divided by chance; null without any, and over several places, which differ in their losses.
/// </param>
/// <param name="Finished">The number of seeds whose run finished.</param>
/// <param name="Seeds">The number of seeds.</param>
internal sealed record RankCell(Interval Rank, Interval? OfChance, int Finished, int Seeds)
{
    /// <summary>The mean rank.</summary>
    public string RankText => Ranked(Rank.Estimate);

    /// <summary>The interval of the rank, "1.0–2.2".</summary>
    public string RankRange => Between(Ranked(Rank.Low), Ranked(Rank.High));

    /// <summary>The loss in percent of chance; empty where it is unknown.</summary>
    public string LossText => OfChance is { } share ? Percent(share.Estimate) : Finished < Seeds ? "–" : "";

    /// <summary>The interval of that, or how many seeds finished.</summary>
    public string LossRange =>
        Finished < Seeds ? $"{Finished} of {Seeds}" : OfChance is { } share ? Between(Percent(share.Low), Percent(share.High)) : "";

    /// <summary>All of it.</summary>
    public string Text => LossText.Length == 0 ? $"{RankText} ({RankRange})" : $"{RankText} ({RankRange}): {LossText} ({LossRange})";

    private static string Ranked(double rank) => rank.ToString("F1", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share) switch
    {
        < 0.005 => "<0.01",
        < 0.995 => (100 * share).ToString("F2", CultureInfo.InvariantCulture),
        < 9.95 => (100 * share).ToString("F1", CultureInfo.InvariantCulture),
        _ => (100 * share).ToString("F0", CultureInfo.InvariantCulture),
    };

    private static string Between(string low, string high) => low == high ? low : $"{low.Replace("<0.01", "0.00", StringComparison.Ordinal)}–{high}";
}
