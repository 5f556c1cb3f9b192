using System.Globalization;
using System.Text.RegularExpressions;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// Stops at a number that is not finite, and finds where the first such number arose by replaying the batch in the reference
/// interpreter.
/// </summary>
/// <param name="executor">What ran the batch.</param>
/// <param name="run">The run, for advice.</param>
internal sealed partial class NumberCheck(IExecutor executor, Run run)
{
    /// <summary>How long the search may take.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Whether a run's message says that it ended here: its numbers overflowed, which its settings decide and no machine.</summary>
    public static bool IsReason(string? message) => message is not null && Reason().IsMatch(message);

    [GeneratedRegex(@"^the .+ at step \d+ is (NaN|-?∞|-?Infinity), ")]
    private static partial Regex Reason();

    /// <param name="value">The number.</param>
    /// <param name="what">What it is, in words.</param>
    /// <param name="step">The training step.</param>
    /// <param name="weights">The weights with which the batch was run.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="wantGradient">Whether its gradient was computed.</param>
    /// <param name="stop">Ends the search.</param>
    /// <exception cref="PlasticException">It is not finite.</exception>
    public void Require(
        double value, string what, int step, float[][] weights, Batch batch, bool wantGradient, CancellationToken stop)
    {
        if (double.IsFinite(value)) return;
        throw new PlasticException(
            ExitCode.Failed,
            $"the {what} at step {step} is {value}, {Where(weights, batch, wantGradient, stop)}; {Advice}");
    }

    /// <summary>What this run can try: of its own settings, those that bound how far a step goes.</summary>
    private string Advice
    {
        get
        {
            var settings = run.Settings;
            var reads = run.Rule.Settings.Select(setting => setting.Name).ToArray();
            var tries = new List<string>();
            if (settings.LearningRate > 0) tries.Add(string.Create(CultureInfo.InvariantCulture, $"lr={settings.LearningRate / 3:G2}"));
            if (double.IsPositiveInfinity(settings.MaxGradientNorm)) tries.Add("max_grad_norm=5");
            if (reads.Contains("clip") && run.Text("clip") == "none") tries.Add("clip=1");
            if (reads.Contains("p_lr")) tries.Add($"a smaller p_lr than {run.Text("p_lr")}");
            return $"try {string.Join(", or ", tries.DefaultIfEmpty("other settings"))}";
        }
    }

    private string Where(float[][] weights, Batch batch, bool wantGradient, CancellationToken stop)
    {
        // In addition to all that the run has allocated.
        var left = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        var program = executor.Program;
        if (executor is EncodedExecutor encoded)
        {
            batch = encoded.Encode(weights, batch, wantGradient ? EncoderMode.Training : EncoderMode.Evaluation, stop);
            if (Array.FindIndex(batch.Input, x => !double.IsFinite(x)) is var at and >= 0)
            {
                var (sample, t) = Math.DivRem(at / batch.Inputs, batch.Steps);
                return $"first in the encoder's features, episode {sample} of the batch, time {t}, in the forward pass";
            }
            weights = encoded.BehindEncoder(weights);
        }
        if (Diagnosis.Bytes(program, batch.Steps) > left / 2) return "in a network too large to replay";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Longest);
        var replayed = Array.ConvertAll(weights, p => Array.ConvertAll(p, x => (double)x));
        return Diagnosis.Find(program, replayed, batch, wantGradient, limit.Token) is { } finding
            ? $"first in {finding.What}, episode {finding.Sample} of the batch, time {finding.Step}, in the "
                + (finding.IsBackward ? "backward pass" : "forward pass")
            : limit.IsCancellationRequested
                ? "in an operation that a replay did not reach in time"
                : "in a sum that overflows float32 but not float64";
    }
}
