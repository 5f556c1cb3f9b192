using System.Text;

namespace Plastic.Host;

/// <summary>
/// How often a task has begun its runs, and at which step: restarts/N.jsonl of a submission. A run that gets no further is not begun again
/// and again: what ends it, such as a node that is lost each time, would go on doing so.
/// </summary>
/// <param name="submission">The submission.</param>
/// <param name="task">The task's number.</param>
internal sealed class Restarts(Submission submission, int task)
{
    /// <summary>Slurm's variable with the number of times a job was put back in the queue.</summary>
    public const string Variable = "SLURM_RESTART_COUNT";

    // The third restart at a step is refused: three times it got no further.
    private const int MostAtOneStep = 3;

    private readonly string file = Path.Combine(submission.Path, Submission.RestartsFolder, $"{task}.jsonl");

    /// <summary>A beginning.</summary>
    /// <param name="Directory">The run's folder, as the task has it.</param>
    /// <param name="Restart">The number of the restart, 0 for the first time.</param>
    /// <param name="Step">The step from which the run continued.</param>
    private sealed record Beginning(string Directory, int Restart, int Step);

    /// <summary>Notes that a run begins.</summary>
    /// <param name="run">The run.</param>
    /// <param name="step">The step of its newest checkpoint.</param>
    /// <exception cref="PlasticException">It was begun too often at that step.</exception>
    public void Begin(TaskRun run, int step)
    {
        var before = JsonLines.ReadGrowing<Beginning>(file).Where(beginning => beginning.Directory == run.Directory).ToArray();
        // Another engine does not say which restart it is. Slurm's task may look more than once whether a run is free.
        var restart = int.TryParse(Environment.GetEnvironmentVariable(Variable), out var number) ? number : before.Length;
        var atStep = before.Where(beginning => beginning.Step == step).Select(beginning => beginning.Restart).Distinct().ToArray();
        if (atStep.Contains(restart)) return;
        if (atStep.Length >= MostAtOneStep)
        {
            throw new PlasticException(
                ExitCode.Failed,
                $"began {atStep.Length} times at step {step} and got no further: see {Submission.LogsFolder}/ of {submission.Path}; plastic submit tries again");
        }
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(Encoding.UTF8.GetBytes(JsonText.Line(new Beginning(run.Directory, restart, step)) + "\n"));
    }
}
