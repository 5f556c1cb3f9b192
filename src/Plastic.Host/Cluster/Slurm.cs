using System.ComponentModel;
using System.Diagnostics;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Slurm, through its commands.</summary>
internal static class Slurm
{
    /// <summary>What `scontrol show config` says of the cluster.</summary>
    /// <param name="MaxArraySize">The most tasks of an array.</param>
    /// <param name="SlurmdTimeout">Seconds after which a node that does not answer is lost.</param>
    public sealed record Limits(int MaxArraySize, int SlurmdTimeout);

    /// <summary>The limits of the cluster.</summary>
    /// <exception cref="PlasticException">There is no Slurm here, it does not answer, or it allows no arrays.</exception>
    public static Limits ReadLimits()
    {
        var config = Require("scontrol", ["show", "config"]);
        var size = SlurmText.Setting(config, "MaxArraySize");
        if (size < 1) throw new PlasticException(ExitCode.Configuration, "this Slurm allows no job arrays (MaxArraySize is 0): use --engine list");
        return new Limits(size, Math.Max(0, SlurmText.Setting(config, "SlurmdTimeout")));
    }

    /// <summary>The tasks of this user that wait or run.</summary>
    /// <exception cref="PlasticException">There is no Slurm here, or it does not answer.</exception>
    public static IReadOnlyList<QueuedTask> Queue() => SlurmText.Queue(Require(
        "squeue", ["--noheader", "--array", $"--user={Environment.UserName}", $"--format={SlurmText.QueueFormat}"]));

    /// <summary>Gives a script to sbatch; returns the job's number.</summary>
    /// <exception cref="PlasticException">It is refused; with sbatch's own words.</exception>
    public static string Submit(IEnumerable<string> words)
    {
        var printed = Require("sbatch", words);
        return SlurmText.Job(printed)
            ?? throw new PlasticException(ExitCode.Failed, $"sbatch printed no job number but: {Failure.OneLine(printed)}");
    }

    /// <summary>Ends jobs; says nothing of those that have ended.</summary>
    public static void Cancel(IReadOnlyList<string> jobs)
    {
        if (jobs.Count > 0) Run("scancel", ["--quiet", .. jobs]);
    }

    private static string Require(string program, IEnumerable<string> words)
    {
        var (code, printed, errors) = Run(program, words);
        if (code == 0) return printed;
        var line = Failure.OneLine(errors.Length > 0 ? errors : printed);
        throw new PlasticException(ExitCode.Configuration, line.StartsWith($"{program}: ", StringComparison.Ordinal) ? line : $"{program}: {line}");
    }

    private static (int Code, string Printed, string Errors) Run(string program, IEnumerable<string> words)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            // Both at the same time: a full pipe would stop the program.
            var errors = process.StandardError.ReadToEndAsync();
            var printed = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, printed, errors.Result.Trim());
        }
        catch (Win32Exception fault)
        {
            throw new PlasticException(
                ExitCode.Configuration, $"{program} was not found: this is no machine of a Slurm cluster (--engine list is for other engines)", fault);
        }
    }
}
