using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>Batches of a run that follow each other: those numbered First, First + 1, … of a key.</summary>
internal readonly record struct BatchRange(Episodes Episodes, Key Key, long First, int Count)
{
    /// <summary>At most so many of them, from an index on.</summary>
    public BatchRange Part(int from, int most) => this with { First = First + from, Count = Math.Min(most, Count - from) };
}

/// <summary>
/// The batches of a run. Each is a pure function of the run's seed and the batch's number, so any thread may draw any
/// sample. Batches are valid until the next ones are drawn, into the same memory.
/// </summary>
internal sealed class BatchSource
{
    private readonly Episodes episodes;
    private readonly Crew crew;
    private readonly Batch[] batches;
    private readonly RandomStream[] streams;
    private readonly Key train, validation, test;
    private readonly Action<int, int> fill;
    private BatchRange drawn;

    public BatchSource(Run run, Crew crew)
    {
        this.crew = crew;
        episodes = run.Episodes;
        batches = new Batch[Memory.BatchesTogether(run)];
        train = run.Task.TrainKey(run.Seed);
        validation = run.Task.ValidationKey(run.Seed);
        test = run.Task.TestKey;
        streams = [.. Enumerable.Range(0, crew.Threads).Select(_ => new RandomStream(train, 0, 0))];
        batches[0] = episodes.Allocate(run.Settings.Batch);
        fill = Fill;
    }

    /// <summary>The training batch of a step.</summary>
    public Batch Train(int step) => Draw(Trained(step, 1))[0];

    /// <summary>The first batch of the test set, which all seeds and rules share.</summary>
    public Batch FirstTest() => Draw(Tests(1))[0];

    /// <summary>The training batches from a step on.</summary>
    public BatchRange Trained(int step, int count) => new(episodes, train, step, count);

    /// <summary>
    /// The batches of the validation at a step, at most so many; no other validation uses them, unless the task's episodes are stored.
    /// </summary>
    public BatchRange Validations(int step, int most) => Range(Part.Validation, validation, Tasks.Task.ValidationStep(step, 0), most);

    /// <summary>The first batches of the test set, at most so many.</summary>
    public BatchRange Tests(int most) => Range(Part.Test, test, 0, most);

    /// <summary>Draws batches, at most as many as are drawn together.</summary>
    public ReadOnlySpan<Batch> Draw(BatchRange range)
    {
        for (var k = 1; k < range.Count; k++) batches[k] ??= episodes.Allocate(batches[0].Size);
        drawn = range;
        crew.Run(range.Count * batches[0].Size, fill);
        return batches.AsSpan(0, range.Count);
    }

    private BatchRange Range(Part part, Key key, long first, int most)
    {
        var size = batches[0].Size;
        return new(episodes.Of(part, size, most), key, first, episodes.Batches(part, size, most));
    }

    private void Fill(int worker, int item)
    {
        var (batch, sample) = Math.DivRem(item, batches[0].Size);
        drawn.Episodes.Fill(batches[batch], streams[worker], drawn.Key, drawn.First + batch, sample);
    }
}
