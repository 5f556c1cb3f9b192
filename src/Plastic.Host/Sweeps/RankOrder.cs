using System.Text;
using System.Text.Json;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// A message of rank 0 to the others. It has the settings of a run, which they do not read themselves: on a network's file system
/// they could find those of a minute ago.
/// </summary>
/// <param name="Place">The run to train, by its place in the command; −1 when all is done.</param>
/// <param name="Settings">Its settings, as in config.json.</param>
/// <param name="Files">The hashes of the files that its rule and its task come from.</param>
/// <param name="Code">When all is done, the exit code.</param>
internal sealed record RankOrder(int Place, string Settings, string Files, int Code)
{
    /// <summary>All ranks train a run.</summary>
    public static RankOrder ToTrain(int place, Run run) => new(place, run.Json, FilesOf(run), 0);

    /// <summary>All is done.</summary>
    public static RankOrder ToEnd(ExitCode code) => new(-1, "", "", (int)code);

    /// <summary>Rank 0 tells the others.</summary>
    public static void Give(Team team, RankOrder order) => Brought(team, order);

    /// <summary>The next message of rank 0.</summary>
    public static RankOrder Take(Team team) => Brought(team, ToEnd(0));

    /// <summary>The run with the settings that rank 0 has sent.</summary>
    /// <param name="found">The run as this rank finds it.</param>
    /// <exception cref="PlasticException">Its rule, its task or its data are not those of rank 0.</exception>
    public Run Of(Run found)
    {
        var sent = JsonFile.Parse<Dictionary<string, JsonElement>>("the settings that rank 0 sent", Encoding.UTF8.GetBytes(Settings));
        var run = found.With(SavedRun.Of("the settings that rank 0 sent", sent, found.Settings.Library).Settings);
        if (FilesOf(run) == Files) return run;
        throw new PlasticException(
            ExitCode.InputOutput, $"{run.Title}: this rank reads another rule, task or data than rank 0; are the files the same on all machines?");
    }

    private static string FilesOf(Run run) => $"{run.RuleFile?.Hash} {run.TaskFile?.Hash}";

    private static RankOrder Brought(Team team, RankOrder order)
    {
        Span<int> numbers = [order.Place, order.Code];
        team.Broadcast(numbers, 0);
        return new RankOrder(numbers[0], Together.Text(team, order.Settings, 0), Together.Text(team, order.Files, 0), numbers[1]);
    }
}
