using System.Diagnostics;

namespace Plastic.Host;

/// <summary>Runs other programs to their end.</summary>
internal static class Subprocess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Null when the program ended well, otherwise its first complaint on one line.</summary>
    public static string? Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                return $"{program} took more than {Patience.TotalMinutes} minutes";
            }
            Task.WaitAll(output, error);
            return process.ExitCode == 0
                ? null
                : error.Result.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0)
                    ?? $"exit code {process.ExitCode}";
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            return fault.Message;
        }
    }
}
