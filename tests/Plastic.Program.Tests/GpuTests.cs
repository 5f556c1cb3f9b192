using System.Text.Json;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// Kernels on an OpenCL device against the interpreter and the published numbers, and against themselves, bit for bit. Skipped where
/// there is no device.
/// </summary>
[Collection(GpuDevices.Collection)]
public sealed class GpuTests : IDisposable
{
    private readonly Lazy<IDevice> device = new(GpuDevices.Open);

    public static TheoryData<string> Files => [.. GoldenFiles.All];

    public void Dispose()
    {
        if (device.IsValueCreated) device.Value.Dispose();
    }

    [SkippableTheory]
    [MemberData(nameof(Files))]
    public void Kernels_agree_with_the_published_implementation(string file)
    {
        GpuDevices.Need();
        using var session = new Session();
        var ended = session.Run("verify", file, "--device", "opencl", "--json");
        Assert.True(ended.Code == ExitCode.Ok, ended.Output);
        var compared = JsonDocument.Parse(ended.Output).RootElement.GetProperty("comparisons").EnumerateArray().Last();
        Assert.Equal("opencl:0", compared.GetProperty("executor").GetString());
        foreach (var quantity in new[] { "forward", "gradient", "final" })
        {
            Assert.InRange(compared.GetProperty("errors").GetProperty(quantity).GetProperty("error").GetDouble(), 0, 1e-5);
        }
    }

    [SkippableTheory]
    [InlineData("gradient LSTM")]
    [InlineData("hebbian RNN factored 9")]
    [InlineData("retroactive RNN")]
    public void Neither_the_order_of_the_threads_nor_where_vectors_lie_changes_a_bit(string name)
    {
        GpuDevices.Need();
        RequireSameBits(DeviceCase.Named(name), device.Value);
    }

    [SkippableFact]
    public void Less_local_memory_than_the_kernels_need_is_said_on_one_line()
    {
        GpuDevices.Need();
        var one = DeviceCase.Named("gradient RNN");
        var small = new EditedDevice(device.Value, text => text) { LocalBytes = 1 << 10 };
        var refused = Assert.Throws<DeviceException>(() => new GpuExecutor(one.Network.Program, small));
        Assert.Equal(DeviceFault.Memory, refused.Fault);
        Assert.Matches(@"^opencl:0 \(.*\) has 1024 bytes of local memory; the kernels need \d+$", refused.Message);
    }

    // The errors to all their digits: another order of sums would change them.
    [SkippableFact]
    public void One_thread_of_the_device_gives_the_bits_of_two()
    {
        GpuDevices.Need();
        var outputs = Array.ConvertAll(["1", "2"], threads =>
        {
            var (code, output, errors) = Processes.Run(
                AppContext.BaseDirectory, Environment.ProcessPath!,
                [typeof(Application).Assembly.Location, "verify", .. GoldenFiles.All, "--device", "opencl", "--json"],
                new Dictionary<string, string> { ["POCL_MAX_PTHREAD_COUNT"] = threads });
            Assert.True(code == 0, errors);
            return output;
        });
        Assert.Equal(outputs[0], outputs[1]);
    }

    // What the test above rests on: a missing barrier shows in the results, as wrong numbers or as other numbers in the other order.
    [SkippableFact]
    public void Without_its_barriers_a_kernel_gives_other_numbers()
    {
        GpuDevices.Need();
        var one = DeviceCase.Named("gradient RNN");
        var whole = Run(device.Value);
        var broken = new EditedDevice(device.Value, EditedDevice.WithoutBarriers(_ => true));
        Assert.NotEqual(whole["gradient of recurrent.weight"], Run(broken)["gradient of recurrent.weight"]);

        IReadOnlyDictionary<string, double[]> Run(IDevice on)
        {
            using var executor = new GpuExecutor(on, new EpisodeSource(one.Network.Program, DeviceCase.LocalBytes), ["REVERSED"]);
            return DeviceCase.Of(one.Network, executor.Run(one.Parameters(), one.Batch(), wantGradient: true));
        }
    }

    [SkippableFact]
    public void A_watcher_sees_what_an_episode_that_ends_there_leaves()
    {
        GpuDevices.Need();
        var one = DeviceCase.Named("trace RNN");
        using var executor = Executor(one, DeviceCase.LocalBytes);
        var (parameters, batch) = (one.Parameters(), one.Batch());
        var watcher = new Watcher();
        executor.Watch(parameters, batch, watcher);
        for (var t = 0; t < batch.Steps; t++)
        {
            var ended = executor.Run(parameters, batch.First(t + 1), wantGradient: false);
            foreach (var (name, values) in ended.States.Concat(ended.FastWeights))
            {
                var length = values.Length / batch.Size;
                for (var b = 0; b < batch.Size; b++)
                {
                    var seen = watcher.Seen.GetValueOrDefault((b, t, name));
                    Assert.Equal(watcher.Wants(b, t), seen is not null);
                    if (seen is not null) Assert.Equal(values[(b * length)..((b + 1) * length)], seen);
                }
            }
        }
    }

    [SkippableFact]
    public void What_a_device_cannot_do_is_said_on_one_line()
    {
        GpuDevices.Need();
        var refused = Assert.Throws<DeviceException>(() => device.Value.Compile(new KernelSource("KERNEL void broken("), []));
        Assert.Equal(DeviceFault.Compile, refused.Fault);
        Assert.Contains("opencl:0", refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
        refused = Assert.Throws<DeviceException>(() => device.Value.Allocate(1L << 48, "fast weights"));
        Assert.Equal(DeviceFault.Memory, refused.Fault);
        Assert.Contains("fast weights", refused.Message);
    }

    [SkippableFact]
    public void Devices_are_listed_and_one_that_is_not_there_is_refused_with_those_that_are()
    {
        GpuDevices.Need();
        using var session = new Session();
        var listed = session.Run("devices");
        Assert.Equal(ExitCode.Ok, listed.Code);
        Assert.Contains("opencl:0", listed.Output);
        var missing = session.Run("verify", GoldenFiles.All[0], "--device", "opencl:99");
        Assert.Equal(ExitCode.Configuration, missing.Code);
        Assert.Contains("no device opencl:99: there are opencl:0", Assert.Single(missing.Messages));
        var encoder = session.Run("verify", GoldenFiles.Images[0], "--device", "opencl");
        Assert.Equal(ExitCode.Usage, encoder.Code);
        Assert.Contains("encoders run on the CPU", Assert.Single(encoder.Messages));
    }

    /// <summary>Requires the same bits in both orders of the threads, and with little room for vectors in local memory.</summary>
    internal static void RequireSameBits(DeviceCase one, IDevice device)
    {
        var first = Run(DeviceCase.LocalBytes);
        AssertSame(first, Run(DeviceCase.LocalBytes, "REVERSED"));
        // Room for sums over threads, but for few vectors.
        var sums = one.Source(0).LocalFloats;
        AssertSame(first, Run(sums * sizeof(float) + 512, "REVERSED"));

        IReadOnlyDictionary<string, double[]> Run(int localBytes, params string[] defined)
        {
            using var executor = new GpuExecutor(device, one.Source(localBytes), ["POISONED", .. defined]);
            return DeviceCase.Of(one.Network, executor.Run(one.Parameters(), one.Batch(), wantGradient: true));
        }
    }

    /// <summary>An executor whose memory holds NaN before each run.</summary>
    private GpuExecutor Executor(DeviceCase one, int localBytes, params string[] defined) =>
        new(device.Value, one.Source(localBytes), ["POISONED", .. defined]);

    /// <summary>Requires the same numbers of all that is expected.</summary>
    internal static void AssertSame(
        IEnumerable<KeyValuePair<string, double[]>> expected, IReadOnlyDictionary<string, double[]> found)
    {
        foreach (var (what, values) in expected)
        {
            if (!values.SequenceEqual(found[what])) Assert.Fail($"{what}: {string.Join(' ', found[what])}, not {string.Join(' ', values)}");
        }
    }

    /// <summary>Keeps what it sees of some steps.</summary>
    private sealed class Watcher : IEpisodeWatcher
    {
        public Dictionary<(int Sample, int Step, string Name), double[]> Seen { get; } = [];

        public bool Wants(int sample, int step) => (sample + step) % 3 != 1;

        public void SeeState(int sample, int step, string name, ReadOnlySpan<float> values) => Keep(sample, step, name, values);

        public void SeeFastWeights(int sample, int step, string synapse, ReadOnlySpan<float> values) => Keep(sample, step, synapse, values);

        private void Keep(int sample, int step, string name, ReadOnlySpan<float> values) =>
            Seen.Add((sample, step, name), Array.ConvertAll(values.ToArray(), x => (double)x));
    }
}
