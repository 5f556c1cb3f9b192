using System.Collections.Concurrent;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// The networks of a command's runs. Those of a point differ in the seed alone, which their network does not depend on: it is built
/// once, on first use, and shared by threads.
/// </summary>
internal sealed class Networks
{
    private readonly ConcurrentDictionary<string, Lazy<PlasticNetwork>> networks = new();

    /// <summary>The network of a run.</summary>
    public PlasticNetwork Of(Run run) =>
        networks.GetOrAdd(run.PointDirectory, _ => new Lazy<PlasticNetwork>(() => run.CreateNetwork())).Value;
}
