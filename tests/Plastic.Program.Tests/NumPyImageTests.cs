using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Pickles that Python and NumPy write themselves are read with the same images, whatever the protocol and the kind of labels.</summary>
public sealed class NumPyImageTests : IDisposable
{
    private readonly Session session = new();

    public void Dispose() => session.Dispose();

    [NumPyFact]
    public void Pickles_of_every_protocol_give_the_same_set()
    {
        var source = Directory.CreateDirectory(session.Out).FullName;
        Python.Run(source, """
            import numpy as np, os, pickle
            random = np.random.default_rng(0)
            data = random.integers(0, 256, (3, 20, 9, 9, 3)).astype(np.uint8)
            labels = [random.permutation(np.repeat(np.arange(5), 4)) for _ in range(3)]
            for protocol in (2, 3, 4, 5):
                for kind, write in (("list", lambda x: x.tolist()), ("array", lambda x: x), ("big", lambda x: x.astype(">i4")), ("scalars", list)):
                    os.makedirs(f"{protocol}{kind}")
                    for images, own, part in zip(data, labels, ("train", "val", "test")):
                        with open(f"{protocol}{kind}/own_{part}.pickle", "wb") as file:
                            pickle.dump({"data": images, "labels": write(own), "catname2label": {"a": 0}}, file, protocol=protocol)
            order = [data[p][labels[p] == c] for p in range(3) for c in range(5)]
            np.concatenate(order).tofile("expected.bin")
            """);
        var expected = File.ReadAllBytes(Path.Combine(source, "expected.bin")).Chunk(243).Select(Convert.ToHexString).Chunk(4).Select(image => image.Order()).ToArray();
        var folders = Directory.GetDirectories(source);
        Assert.Equal(16, folders.Length);
        foreach (var folder in folders)
        {
            var name = Path.GetFileName(folder);
            Assert.Equal(ExitCode.Ok, session.Run("data", "import", folder, "--name", name, "--side", "9", "--data", Path.Combine(source, "sets")).Code);
            var found = File.ReadAllBytes(Path.Combine(source, "sets", name, "images.bin")).Chunk(243).Select(Convert.ToHexString).Chunk(4).Select(image => image.Order());
            Assert.Equal(expected, found);
        }
    }
}
