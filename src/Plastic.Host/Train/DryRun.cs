using System.Text.Json.Nodes;
using Plastic.Core;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>`plastic train NAME --dry-run`: what would be trained, and how large it is.</summary>
internal static class DryRun
{
    public static ExitCode Run(TrainRequest request, Output output)
    {
        var rows = new JsonArray();
        foreach (var run in request.Plan.Runs)
        {
            var path = RunDirectory.PathOf(request.Directory, run);
            var presence = RunDirectory.Inspect(path, run);
            var network = new PlasticNetwork(run.Network);
            Trainer.RequireMemory(run, network);
            var parameters = network.Parameters.Sum(p => (long)p.Size);
            var updates = run.Settings.MaxBatch + 1;
            rows.Add(new JsonObject
            {
                ["point"] = run.Point,
                ["seed"] = run.Seed,
                ["directory"] = path,
                ["hidden"] = run.Settings.Hidden,
                ["parameters"] = parameters,
                ["updates"] = updates,
                ["finished"] = presence == RunPresence.Finished,
            });
            output.Result(
                $"{path}: {run.Settings.Hidden} units, {parameters} parameters, {updates} updates"
                + (presence == RunPresence.Finished ? " (finished earlier)" : ""));
        }
        output.Document(new JsonObject { ["name"] = request.Plan.Name, ["runs"] = rows });
        output.Result($"{request.Plan.Runs.Count} runs of {request.Plan.Name}; nothing was trained");
        return ExitCode.Ok;
    }
}
