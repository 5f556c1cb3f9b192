using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// The batches of a run. Each is a pure function of the run's seed and the batch's number, so any thread may draw any
/// sample. There is one buffer: a batch is valid until the next one is drawn.
/// </summary>
internal sealed class BatchSource
{
    private readonly Episodes episodes;
    private readonly Crew crew;
    private readonly Batch batch;
    private readonly Key train, validation, test;
    private readonly Action<int, int> fill;
    private Key key;
    private long number;

    public BatchSource(Run run, Crew crew)
    {
        this.crew = crew;
        episodes = run.Episodes;
        batch = episodes.Allocate(run.Settings.Batch);
        train = run.Task.TrainKey(run.Seed);
        validation = run.Task.ValidationKey(run.Seed);
        test = run.Task.TestKey;
        fill = (_, sample) => episodes.Fill(batch, key, number, sample);
    }

    /// <summary>The training batch of a step.</summary>
    public Batch Train(int step) => Draw(train, step);

    /// <summary>A batch of the validation at a step; no other validation uses it.</summary>
    public Batch Validation(int step, int index) => Draw(validation, Tasks.Task.ValidationStep(step, index));

    /// <summary>A batch of the test set, which all seeds and rules share.</summary>
    public Batch Test(int index) => Draw(test, index);

    private Batch Draw(Key from, long at)
    {
        (key, number) = (from, at);
        crew.Run(batch.Size, fill);
        return batch;
    }
}
