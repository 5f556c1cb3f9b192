namespace Plastic.Host;

/// <summary>Several watchers as one, called in order.</summary>
internal sealed class Watchers(params ITrainingWatcher[] all) : ITrainingWatcher
{
    public void Warmed(int done, int updates, double loss)
    {
        foreach (var watcher in all) watcher.Warmed(done, updates, loss);
    }

    // All are asked.
    public bool ReadsState(int step) => all.Count(watcher => watcher.ReadsState(step)) > 0;

    public void Began(int step)
    {
        foreach (var watcher in all) watcher.Began(step);
    }

    public void Updated(int step, double loss)
    {
        foreach (var watcher in all) watcher.Updated(step, loss);
    }

    public void Logged(int step, double loss, double gradientNorm)
    {
        foreach (var watcher in all) watcher.Logged(step, loss, gradientNorm);
    }

    public void Validated(Validation validation, float[][] weights)
    {
        foreach (var watcher in all) watcher.Validated(validation, weights);
    }
}
