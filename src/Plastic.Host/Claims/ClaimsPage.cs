using System.Text;
using Plastic.Claims;

namespace Plastic.Host;

/// <summary>claims.json and claims.md: what was found of all claims so far, for programs and for people.</summary>
internal static class ClaimsPage
{
    public const string JsonName = "claims.json", PageName = "claims.md";

    /// <summary>What a folder's claims.json holds; nothing if there is none.</summary>
    /// <exception cref="PlasticException">Its content is wrong.</exception>
    public static IReadOnlyList<ClaimRecord> Read(string directory)
    {
        var file = Path.Combine(directory, JsonName);
        if (!File.Exists(file)) return [];
        var records = JsonFile.Read<ClaimRecord[]>(file);
        return records.FirstOrDefault(record => Scale.All.All(scale => scale.Name != record.Scale)) is { } strange
            ? throw JsonFile.Fault(file, strange.Name, "expected scale small or paper")
            : records;
    }

    /// <summary>
    /// Writes both files: new records in place of those of the same claim and scale, the others as they were, in the order of the claims. A record
    /// without any seed replaces none that has some, since then the runs are elsewhere; and what was found of an earlier form of a claim goes.
    /// </summary>
    /// <exception cref="PlasticException">A file cannot be read or written.</exception>
    public static void Write(string directory, IReadOnlyList<ClaimRecord> found)
    {
        var places = Plastic.Claims.Claims.All.Index().ToDictionary(one => one.Item.Name);
        var known = Read(directory).Where(record => places.TryGetValue(record.Name, out var place) && record.IsOf(place.Item));
        ClaimRecord[] all =
        [
            .. found.Where(record => record.N > 0).Concat(known).Concat(found).DistinctBy(record => (record.Name, record.Scale))
                .OrderBy(record => Scale.All.Index().First(scale => scale.Item.Name == record.Scale).Index)
                .ThenBy(record => places[record.Name].Index),
        ];
        try
        {
            AtomicFile.Write(Path.Combine(directory, JsonName), JsonText.Document(all));
            AtomicFile.Write(Path.Combine(directory, PageName), Text(all));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"{Path.Combine(directory, JsonName)}: cannot be written: {fault.Message}", fault);
        }
    }

    /// <summary>The page of records.</summary>
    public static string Text(IReadOnlyList<ClaimRecord> all)
    {
        var text = new StringBuilder();
        text.Append(
            """
            # What the papers claim

            Written by `plastic claims`; the numbers are in claims.json. An effect is the mean over n seeds (the median for Miconi 2016, the geometric mean of
            ratios), runs of different groups paired by their seeds. Its interval is the expanded percentile bootstrap over seeds, nominally 95 %.
            A claim is supported where the whole interval lies on the claimed side of the bound, and refuted where it lies on the other. It is
            undecided otherwise, and while seeds are missing, with fewer than four, or where its premise is not supported. Of normal samples of
            five, such intervals miss the mean in about 8 %, of four in about 13 %; there is no correction for the number of claims. A verdict is
            about runs of that size, trained for that long; test losses are those of the weights with the best validation. Where a setting is not
            the published one, that is in brackets; settings have the names of the command line.


            """.ReplaceLineEndings("\n"));
        foreach (var scale in all.GroupBy(record => record.Scale))
        {
            text.Append($"## {(scale.Key == Scale.Small.Name ? "Small scale" : "As published")}\n\n{Count(scale)}.\n\n");
            foreach (var paper in Plastic.Claims.Claims.Papers)
            {
                ClaimRecord[] claims = [.. scale.Where(record => record.Paper == paper.Key)];
                if (claims.Length > 0) Append(text, paper, claims);
            }
        }
        return text.ToString();
    }

    /// <summary>How many claims of the papers, and beside them of ours, have which verdict.</summary>
    public static string Count(IEnumerable<ClaimRecord> records) =>
        string.Join("; ", records.GroupBy(record => record.Ours).OrderBy(origin => origin.Key).Select(origin =>
        {
            int Of(Verdict verdict) => origin.Count(record => record.Verdict == verdict.Name);
            return $"{CountText.Of(origin.Count(), "claim")} of {(origin.Key ? "ours" : "the papers")}: "
                + $"{Of(Verdict.Supported)} supported, {Of(Verdict.Refuted)} refuted, {Of(Verdict.Undecided)} undecided";
        }));

    private static void Append(StringBuilder text, Paper paper, IReadOnlyList<ClaimRecord> claims)
    {
        text.Append($"### {paper.Citation}\n\n");
        foreach (var origin in claims.GroupBy(claim => claim.Ours).OrderBy(origin => origin.Key))
        {
            if (origin.Key) text.Append("\nOurs, beside them:\n\n");
            text.Append("| claim | section | effect | 95 % interval | claimed | n | verdict | figure |\n|---|---|---:|---:|---:|---:|---|---|\n");
            foreach (var claim in origin)
            {
                text.Append(
                    $"| `{claim.Name}`: {claim.Statement} ({claim.Measures}) | {claim.Section} | {claim.EffectText} | {claim.IntervalText} | {claim.Claimed} | {claim.SeedsText} | "
                    + $"**{claim.Verdict}** | {(claim.Figure is { } figure ? $"[{Path.GetFileNameWithoutExtension(figure)}]({figure})" : "")} |\n");
            }
        }
        foreach (var claim in claims.Where(claim => claim.Why != "")) text.Append($"\n`{claim.Name}` is undecided: {claim.Why}.\n");
        foreach (var reduced in claims.Where(claim => claim.Reduced != "").GroupBy(claim => claim.Reduced))
        {
            text.Append($"\nUnlike the paper in {string.Join(", ", reduced.Select(claim => $"`{claim.Name}`"))}: {reduced.Key}.\n");
        }
        foreach (var figure in claims.Where(claim => claim.Figure is not null).GroupBy(claim => claim.Figure))
        {
            text.Append($"\n![{string.Join(", ", figure.Select(claim => claim.Name))}]({figure.Key})\n");
        }
        text.Append('\n');
    }
}
