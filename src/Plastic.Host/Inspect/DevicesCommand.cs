using Plastic.Engine;

namespace Plastic.Host;

/// <summary>`plastic devices`: the devices that kernels can run on.</summary>
internal static class DevicesCommand
{
    /// <summary>Lists them, and says why there are none of a kind; none are no failure.</summary>
    /// <exception cref="DeviceException">No library that reaches them is installed.</exception>
    public static ExitCode Run(Output output)
    {
        var all = Devices.All(out var missing);
        output.Document(new { Devices = all, Missing = missing });
        foreach (var line in missing) output.Message(line);
        if (all.Count == 0) return ExitCode.Ok;
        string[][] rows =
        [
            ["device", "model", "units", "memory", "one buffer", "local memory", "group", "platform"],
            .. all.Select(device => new[]
            {
                device.Name, device.Model, $"{device.Units}", SizeText.Of(device.MemoryBytes), SizeText.Of(device.LargestBytes),
                SizeText.Of(device.LocalBytes), $"{device.GroupSize}", device.Platform,
            }),
        ];
        int[] ranks = [0, 0, 0, 0, 2, 0, 1, 3];
        bool[] areNumbers = [false, false, true, true, true, true, true, false];
        foreach (var line in Columns.Lines(rows, ranks, areNumbers, output.ResultsWidth)) output.Result(line);
        return ExitCode.Ok;
    }
}
