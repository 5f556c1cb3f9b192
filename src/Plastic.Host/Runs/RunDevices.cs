using System.Text.Json;

namespace Plastic.Host;

/// <summary>What the parts of a run were trained on, from the records of their environments.</summary>
internal static class RunDevices
{
    public const string Cpu = "the CPU";

    /// <summary>The device of each part in order, repeats left out; empty where a record is missing or damaged.</summary>
    /// <param name="path">The run's folder.</param>
    public static IReadOnlyList<string> Of(string path)
    {
        try
        {
            var began = JsonFile.Read<Dictionary<string, JsonElement>>(Path.Combine(path, RunDirectory.EnvironmentFile));
            var later = JsonLines.ReadGrowing<Dictionary<string, JsonElement>>(Path.Combine(path, RunDirectory.ResumedFile));
            var all = later.Prepend(began).Select(Device).ToArray();
            return [.. all.Where((device, k) => k == 0 || device != all[k - 1])];
        }
        catch (PlasticException)
        {
            return [];
        }
    }

    // Earlier versions knew no devices.
    private static string Device(Dictionary<string, JsonElement> environment) =>
        environment.TryGetValue("device", out var device) && device.ValueKind == JsonValueKind.String ? device.GetString()! : Cpu;
}
