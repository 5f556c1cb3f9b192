using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>Shows the person at the terminal how training goes.</summary>
internal interface IDisplay
{
    /// <summary>Shows one run while <paramref name="body"/> trains it and tells the watcher it is given.</summary>
    void Follow(Run run, Action<ITrainingWatcher> body);
}
