using System.Globalization;
using Plastic.CommandLine;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// `plastic verify GOLDEN.json…`: one line per file and executor with the largest relative error of each quantity.
/// </summary>
internal static class VerifyCommand
{
    private const int Executor = 8, Column = 9;

    /// <summary>Exits with <see cref="ExitCode.Failed"/> if an error exceeds its tolerance.</summary>
    /// <exception cref="PlasticException">A file is not a golden case, or not for devices; nothing has been compared or printed then.</exception>
    /// <exception cref="DeviceException">There is no such device, or it fails.</exception>
    public static ExitCode Run(VerifyRequest request, Output output)
    {
        var cases = request.Files.Select(GoldenReader.Read).ToArray();
        using var device = KernelDevices.OpenOrCpu(request.Device);
        GoldenNetwork[] networks = device is null ? [] : Array.ConvertAll(cases, RequireNetwork);
        var width = cases.Max(golden => Name(golden.File).Length) + 2;
        var columns = Enum.GetValues<Quantity>();
        output.Result(
            "case".PadRight(width) + "in".PadRight(Executor)
            + string.Concat(columns.Select(quantity => Text(quantity).PadLeft(Column))));

        var done = new List<Verification>();
        for (var k = 0; k < cases.Length; k++)
        {
            Report(Verification.OfReference(cases[k]));
            Report(device is null
                ? Verification.OfEngine(cases[k], Environment.ProcessorCount)
                : Verification.OfDevice(networks[k], device));
        }

        var failed = done.Count(verification => !verification.Passed);
        output.Document(new
        {
            Passed = failed == 0,
            Comparisons = done.Select(verification => new
            {
                verification.File,
                verification.Executor,
                verification.Passed,
                Errors = verification.Deviations.ToDictionary(
                    deviation => Text(deviation.Quantity),
                    deviation => new { Error = JsonText.Finite(deviation.Error), deviation.Limit, deviation.Worst }),
            }),
        });
        output.Result(failed == 0
            ? $"{done.Count} comparisons, all within tolerance"
            : $"{failed} of {done.Count} comparisons exceed tolerance");
        return failed == 0 ? ExitCode.Ok : ExitCode.Failed;

        void Report(Verification verification)
        {
            done.Add(verification);
            output.Verdict(
                Name(verification.File).PadRight(width) + verification.Executor.PadRight(Executor)
                + string.Concat(columns.Select(quantity => Error(verification, quantity).PadLeft(Column))),
                verification.Passed);
            foreach (var deviation in verification.Deviations.Where(deviation => output.Verbose || !deviation.Passed))
            {
                var verdict = deviation.Passed ? "largest" : "beyond tolerance";
                output.Result(
                    $"  {Text(deviation.Quantity)}: {verdict} in {deviation.Worst}, "
                    + $"{Number(deviation.Error)} of at most {Number(deviation.Limit)}");
            }
        }
    }

    private static GoldenNetwork RequireNetwork(Golden golden) => golden is GoldenNetwork { Network.Encoder: null } network
        ? network
        : throw new PlasticException(ExitCode.Usage, $"{golden.File}: encoders run on the CPU: leave it out, or --device");

    private static string Name(string file) => Path.GetFileNameWithoutExtension(file);

    private static string Text(Quantity quantity) => quantity.ToString().ToLowerInvariant();

    /// <summary>Of one quantity; a dash if the case does not have it.</summary>
    private static string Error(Verification verification, Quantity quantity) =>
        verification.Deviations.FirstOrDefault(deviation => deviation.Quantity == quantity) is { } found ? Number(found.Error) : "-";

    private static string Number(double value) => value.ToString("0.0e+00", CultureInfo.InvariantCulture);
}
