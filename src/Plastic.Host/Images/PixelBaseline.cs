using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>What a baseline reaches, and in how many episodes.</summary>
/// <param name="Accuracy">The share of episodes whose first query is answered with the right class, as the task measures networks.</param>
/// <param name="Episodes">How many.</param>
internal sealed record BaselineResult(double Accuracy, int Episodes);

/// <summary>
/// Few-shot classification by nearest neighbours of pixels, in the episodes that networks are validated and tested on. It remembers
/// what it found.
/// </summary>
/// <param name="threads">Threads; the result does not depend on their number.</param>
internal sealed class PixelBaseline(int threads)
{
    /// <summary>In figures and tables.</summary>
    public const string Name = "nearest pixels";

    /// <summary>The same in words.</summary>
    public const string Meaning = "Nearest pixels: the first query gets the label of the example whose pixels are nearest to its own";

    /// <summary>The most episodes that are looked at: as many as the published test has.</summary>
    public const int MostEpisodes = 12_800;

    private readonly Dictionary<Question, BaselineResult> found = [];

    /// <summary>Episodes: of each step in turn, a multiple of <paramref name="Every"/>, so many batches.</summary>
    private sealed record Question(string Folder, Part Part, FewShotLabels Labels, Key Key, int Every, int OfStep, int Batches, int Size)
    {
        /// <summary>The number of a batch, of those from 0 to <see cref="Batches"/> − 1.</summary>
        public long Number(int batch) => Tasks.Task.ValidationStep((long)(batch / OfStep) * Every, batch % OfStep);
    }

    /// <summary>Of the first test episodes of a run; null where its task shows no images.</summary>
    /// <exception cref="PlasticException">The image set is missing, or damaged.</exception>
    public BaselineResult? OfTest(Run run) => Of(run, Part.Test, run.Task.TestKey, steps: 1, run.Settings.TestBatches);

    /// <summary>
    /// Of the episodes of the first validations of the first of some runs, which differ from seed to seed; null where the runs have
    /// different tasks, or no images.
    /// </summary>
    /// <exception cref="PlasticException">The image set is missing, or damaged.</exception>
    public BaselineResult? OfValidations(IReadOnlyList<Run> runs)
    {
        var run = runs[0];
        var settings = run.Settings;
        return runs.Any(other => other.Settings.Task != settings.Task || other.Settings.Episode.Labels != settings.Episode.Labels)
            ? null
            : Of(run, Part.Validation, run.Task.ValidationKey(run.Seed), settings.MaxBatch / settings.ValidateEvery + 1, settings.ValidationBatches);
    }

    private BaselineResult? Of(Run run, Part part, Key key, int steps, int ofStep)
    {
        ImageTask.Require(run.Task);
        if (ImageTask.FolderOf(run) is not { } folder) return null;
        var settings = run.Settings;
        var batches = (int)Math.Min((long)steps * ofStep, Math.Max(1, MostEpisodes / settings.Batch));
        var question = new Question(folder, part, settings.Episode.Labels, key, settings.ValidateEvery, ofStep, batches, settings.Batch);
        return found.TryGetValue(question, out var known) ? known : found[question] = Answer(question);
    }

    private BaselineResult Answer(Question question)
    {
        using var images = ImageSet.Open(question.Folder);
        using var crew = new Crew(threads);
        var streams = Enumerable.Range(0, crew.Threads).Select(_ => new RandomStream(question.Key, 0, 0)).ToArray();
        var isRight = new bool[question.Batches * question.Size];
        crew.Run(isRight.Length, (worker, episode) =>
        {
            var (batch, sample) = Math.DivRem(episode, question.Size);
            streams[worker].Restart(question.Key, question.Number(batch), sample);
            isRight[episode] = PixelNeighbours.FirstIsRight(images, question.Part, question.Labels, streams[worker]);
        });
        return new BaselineResult(isRight.Count(right => right) / (double)isRight.Length, isRight.Length);
    }
}
