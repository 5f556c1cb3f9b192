using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>What kernels compile to is kept in a folder, and is never run where it is damaged.</summary>
[Collection(GpuDevices.Collection)]
public sealed class KernelCacheTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-kernels-");
    private readonly DeviceCase one = DeviceCase.Named("hebbian RNN");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void An_entry_is_found_under_its_own_key_and_only_whole()
    {
        var (key, other) = (KernelCache.Key("source", "options"), KernelCache.Key("source", "other options"));
        Assert.NotEqual(KernelCache.Key("ab", "c"), KernelCache.Key("a", "bc"));
        var cache = new KernelCache(Path.Combine(folder.FullName, "made", "when needed"));
        Assert.Null(cache.Read(key));
        byte[] image = [1, 2, 3];
        cache.Write(key, image);
        Assert.Equal(image, cache.Read(key));
        Assert.Null(cache.Read(other));

        var file = Assert.Single(Directory.GetFiles(folder.FullName, "*", SearchOption.AllDirectories));
        var whole = File.ReadAllBytes(file);
        File.Copy(file, Path.Combine(Path.GetDirectoryName(file)!, other));
        Assert.Null(cache.Read(other));
        for (var k = 0; k < whole.Length; k++)
        {
            var damaged = whole.ToArray();
            damaged[k] ^= 1;
            File.WriteAllBytes(file, damaged);
            Assert.Null(cache.Read(key));
            File.WriteAllBytes(file, whole[..k]);
            Assert.Null(cache.Read(key));
        }
        cache.Write(key, [4]);
        Assert.Equal([4], cache.Read(key));

        new KernelCache(null).Write(key, image);
        Assert.Null(new KernelCache(null).Read(key));
        // A folder that cannot be: nothing is kept, and nothing fails.
        var nowhere = new KernelCache(Path.Combine(file, "below a file"));
        nowhere.Write(key, image);
        Assert.Null(nowhere.Read(key));
    }

    [Fact]
    public void What_was_not_used_for_long_is_removed_when_something_new_is_written()
    {
        var cache = new KernelCache(folder.FullName);
        var old = DateTime.UtcNow.AddDays(-KernelCache.Days - 1);
        string[] keys = [.. "abcd".Select(letter => KernelCache.Key($"{letter}"))];
        string FileOf(string name) => Path.Combine(folder.FullName, name);
        foreach (var key in keys[..3])
        {
            cache.Write(key, [1]);
            File.SetLastWriteTimeUtc(FileOf(key), old);
        }
        // Left behind by a process that was ended; and what somebody else keeps there.
        File.WriteAllBytes(FileOf($"{keys[3]}.1.1.tmp"), [1]);
        File.WriteAllBytes(FileOf("notes"), [1]);
        foreach (var name in new[] { keys[0], keys[1], $"{keys[3]}.1.1.tmp", "notes" }) File.SetLastAccessTimeUtc(FileOf(name), old);

        // The second is used again, and the third was used lately.
        Assert.Equal([1], cache.Read(keys[1]));
        cache.Write(keys[3], [2]);
        Assert.Equal([.. keys[1..].Append("notes").Order(StringComparer.Ordinal)], folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal(old, File.GetLastWriteTimeUtc(FileOf(keys[1])), TimeSpan.FromSeconds(1));

        // Most systems note by themselves that a file is read only where its last use lies before its last change; here the cache has to.
        var ahead = DateTime.UtcNow.AddHours(1);
        File.SetLastAccessTimeUtc(FileOf(keys[2]), ahead);
        Assert.Equal([1], cache.Read(keys[2]));
        Assert.True(File.GetLastAccessTimeUtc(FileOf(keys[2])) < ahead.AddMinutes(-30));
    }

    [SkippableFact]
    public void Kernels_that_PoCL_compiles_for_another_way_of_running_threads_are_other_kernels()
    {
        const string ways = "POCL_WORK_GROUP_METHOD";
        GpuDevices.Need();
        var before = Environment.GetEnvironmentVariable(ways);
        try
        {
            foreach (var way in new[] { "repl", "loopvec", "repl" })
            {
                // The library itself has read it before.
                Environment.SetEnvironmentVariable(ways, way);
                using var on = Devices.Open("opencl", folder.FullName);
                using var kernels = on.Compile(new KernelSource(Prelude.Text + "\nKERNEL void nothing(int n) { }\n"), []);
                Assert.Equal((null, null), on.Look(kernels["nothing"]));
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(ways, before);
        }
        Assert.Equal(2, folder.GetFiles().Length);
    }

    [SkippableTheory]
    [InlineData("opencl")]
    [InlineData("cuda")]
    public void Kernels_are_kept_and_compiled_again_where_the_driver_does_not_load_what_was_kept(string device)
    {
        if (device == "cuda") StandIn.Load();
        else GpuDevices.Need();
        var first = Run();
        var file = Assert.Single(folder.GetFiles()).FullName;
        var kept = File.ReadAllBytes(file);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        GpuTests.AssertSame(first, Run());
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(file));

        // Damaged; then whole, but nothing that can be loaded.
        File.WriteAllBytes(file, kept[..^1]);
        var (cache, key) = (new KernelCache(folder.FullName), Path.GetFileName(file));
        Assert.Null(cache.Read(key));
        GpuTests.AssertSame(first, Run());
        Assert.NotNull(cache.Read(key));
        var unknown = new byte[4096];
        cache.Write(key, unknown);
        GpuTests.AssertSame(first, Run());
        Assert.NotEqual(unknown, cache.Read(key));
        Assert.Single(folder.GetFiles());
        Run("REVERSED");
        Assert.Equal(2, folder.GetFiles().Length);

        IReadOnlyDictionary<string, double[]> Run(params string[] defined)
        {
            using var on = Devices.Open(device, folder.FullName);
            using var executor = new GpuExecutor(on, new EpisodeSource(one.Network.Program, DeviceCase.LocalBytes), defined);
            return DeviceCase.Of(one.Network, executor.Run(one.Parameters(), one.Batch(), wantGradient: true));
        }
    }
}
