using System.Text.Json;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Reads a run back from its folder.</summary>
internal static class SavedRun
{
    /// <summary>
    /// The run that a folder's config.json describes, to read about it: no code that lies there is loaded, so no network can be built
    /// where its rule comes from a file.
    /// </summary>
    /// <exception cref="PlasticException">There is none, or it is not from this version.</exception>
    public static Run Read(string path)
    {
        try
        {
            return Read(path, RunCode.Described(path));
        }
        catch (CodeException fault)
        {
            throw new PlasticException(ExitCode.BadData, fault.Message, fault);
        }
    }

    /// <summary>The same run, with the code of a rule or a task that lies in the folder, or the data of the task.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="reading">Whether that code may run although its file was not used on this machine before, and where data lies.</param>
    /// <exception cref="CodeException">It may not run, or cannot.</exception>
    /// <exception cref="PlasticException">The data are missing, or not those that the run was trained on.</exception>
    public static Run ReadToRun(string path, RunReading reading) => Read(path, RunCode.Loaded(path, reading));

    private static Run Read(string path, Library library)
    {
        var config = Path.Combine(path, RunDirectory.ConfigFile);
        if (!File.Exists(config))
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"{path} is not a run: it has no {RunDirectory.ConfigFile} (plastic list runs)");
        }
        return Of(config, JsonFile.Read<Dictionary<string, JsonElement>>(config), library);
    }

    /// <summary>The run of the members of a config.json.</summary>
    /// <param name="config">Where they were read, for messages.</param>
    /// <param name="members">Settings by their names; which there are, and of which types, is for the settings to say.</param>
    /// <param name="library">What the names of its rule and its task stand for.</param>
    /// <exception cref="PlasticException">They are none of a run.</exception>
    public static Run Of(string config, IReadOnlyDictionary<string, JsonElement> members, Library library)
    {
        var texts = members.Select(member => KeyValuePair.Create(member.Key, Text(config, member.Key, member.Value))).ToArray();
        return SavedSettings.TryRead(library, texts, out var run, out var fault) ? run : throw JsonFile.Fault(config, "", fault);
    }

    /// <summary>A setting's value as it is typed on the command line.</summary>
    private static string Text(string config, string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "none",
        JsonValueKind.String => JsonFile.Member<string>(config, name, value),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.GetRawText(),
        _ => throw JsonFile.Fault(config, name, "expected one value"),
    };
}
