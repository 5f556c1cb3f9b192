using System.Text.Json.Nodes;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic config NAME [--explain]`: every setting of the runs that `train NAME` would do.</summary>
internal static class ConfigCommand
{
    public static ExitCode Run(ConfigRequest request, Output output)
    {
        var plan = request.Plan;
        foreach (var idle in plan.Idle) output.Warn(idle);
        var settings = SettingHelp.Of(plan.Library);
        var points = plan.Runs.DistinctBy(run => run.Point).ToArray();
        output.Document(new
        {
            plan.Name,
            Runs = plan.Runs.Select(run => new { run.Point, run.Seed, Settings = JsonNode.Parse(run.Json) }),
            Explained = request.Explain
                ? settings.Select(setting => new { setting.Name, setting.Help, setting.Range, setting.Default })
                : null,
        });

        output.Result($"# {plan.Name}: {plan.Summary}");
        output.Result(
            $"# {CountText.Of(plan.Runs.Count, "run")}, {(plan.Seeds.Count == 1 ? "seed" : "seeds")} {string.Join(", ", plan.Seeds)}");
        var names = settings.Max(setting => setting.Name.Length);
        foreach (var setting in settings.Where(setting => setting.Name != "seed"))
        {
            var values = string.Join(" | ", points.Select(run => setting.Text(run.Settings)).Distinct());
            var line = $"{setting.Name.PadRight(names)} = {values}";
            output.Result(request.Explain
                ? $"{line}\n    {setting.Help}\n    {setting.Range}; default {setting.Default}"
                : line);
        }
        if (points.Length > 1)
        {
            output.Result("# runs");
            foreach (var run in points) output.Result($"# {run.Point}: {run.Units} units");
        }
        return ExitCode.Ok;
    }
}
