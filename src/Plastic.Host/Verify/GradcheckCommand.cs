using System.Globalization;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// `plastic gradcheck`: compares every derivative, or the gradients that a device computes, with central differences, or the gradients of
/// a Hebbian trace with their closed form; one line per group of checks and order.
/// </summary>
internal static class GradcheckCommand
{
    private const int Name = 38;

    /// <summary>Exits with <see cref="ExitCode.Failed"/> if a derivative is wrong.</summary>
    /// <exception cref="DeviceException">There is no such device, or it fails.</exception>
    public static ExitCode Run(GradcheckRequest request, Output output)
    {
        var seed = request.Seed;
        using var device = KernelDevices.OpenOrCpu(request.Device);
        output.Result($"{"derivatives",-Name}{"order",6}{"checks",8}{"error",10}{"bound",10}");
        var all = new List<Check>();
        foreach (var group in Groups(device is null ? Checks(request) : OnDevice(request, device)))
        {
            all.AddRange(group);
            foreach (var order in group.GroupBy(check => check.Order)) Report([.. order], output);
        }

        var failed = all.Where(check => !check.Passed).ToArray();
        output.Document(new
        {
            Passed = failed.Length == 0,
            Seed = seed,
            Device = device?.Facts.Name,
            Checks = all.Count,
            Groups = all.GroupBy(check => (check.Group, check.Order)).Select(group => Summary([.. group])),
            Failures = failed.Select(check => Summary([check])),
        });
        output.Result(failed.Length == 0
            ? $"{all.Count} checks with seed {seed}, all within their bounds"
            : $"{failed.Length} of {all.Count} checks with seed {seed} exceed their bounds");
        return failed.Length == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static IEnumerable<Check> Checks(GradcheckRequest request) =>
        request.IsAnalytic ? Gradchecks.Analytic(request.Seed)
        : request.Rule is { } rule ? Gradchecks.OfRule(rule, request.Seed)
        : Gradchecks.All(request.Seed);

    /// <summary>The gradients that a device computes: the first order alone, since kernels have no other.</summary>
    private static IEnumerable<Check> OnDevice(GradcheckRequest request, IDevice device)
    {
        IEnumerable<Rule> rules = request.Rule is { } rule ? [rule] : RuleBook.All;
        return rules.SelectMany(one => Gradchecks.OfGradients(one, request.Seed, (network, parameters, batch) =>
        {
            using var executor = new GpuExecutor(network.Program, device);
            return executor.Run(parameters, batch, wantGradient: true).Gradients;
        }));
    }

    /// <summary>Groups consecutive checks of the same group.</summary>
    private static IEnumerable<List<Check>> Groups(IEnumerable<Check> checks)
    {
        var group = new List<Check>();
        foreach (var check in checks)
        {
            if (group.Count > 0 && group[0].Group != check.Group)
            {
                yield return group;
                group = [];
            }
            group.Add(check);
        }
        if (group.Count > 0) yield return group;
    }

    private static void Report(List<Check> checks, Output output)
    {
        var worst = Worst(checks);
        var passed = checks.All(check => check.Passed);
        output.Verdict(
            $"{worst.Group,-Name}{worst.Order,6}{checks.Count,8}{Number(worst.Error),10}{Number(worst.Bound),10}", passed);
        if (output.Verbose) output.Result($"  worst: {worst.Name}");
        foreach (var check in checks.Where(check => !check.Passed))
        {
            output.Result(
                $"  {check.Name}: error {Number(check.Error)}, bound {Number(check.Bound)}, "
                + $"difference {Number(check.Difference)}");
        }
    }

    private static Check Worst(List<Check> checks) =>
        checks.MaxBy(check => double.IsNaN(check.Error) ? double.PositiveInfinity : check.Error / check.Bound)!;

    private static object Summary(List<Check> checks)
    {
        var worst = Worst(checks);
        return new
        {
            worst.Group,
            worst.Order,
            Checks = checks.Count,
            Passed = checks.All(check => check.Passed),
            Worst = worst.Name,
            Error = JsonText.Finite(worst.Error),
            Bound = JsonText.Finite(worst.Bound),
        };
    }

    private static string Number(double value) => value.ToString("0.0e+00", CultureInfo.InvariantCulture);
}
