using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Reads back what a run was from its folder.</summary>
internal static class SavedRun
{
    /// <summary>The run that a folder's config.json describes.</summary>
    /// <exception cref="PlasticException">There is none, or it is not one of this version.</exception>
    public static Run Read(string path)
    {
        var config = Path.Combine(path, RunDirectory.ConfigFile);
        if (!File.Exists(config))
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"{path} is no run: it has no {RunDirectory.ConfigFile} (plastic list runs)");
        }
        return JsonReading.File(config, settings =>
        {
            var texts = settings.Members().Select(member => KeyValuePair.Create(member.Name, member.Value.Scalar())).ToArray();
            return SavedSettings.TryRead(texts, out var run, out var fault) ? run : throw settings.Fault(fault);
        });
    }
}
