using System.Globalization;
using System.Text.RegularExpressions;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// The CUDA layer against libraries that stand in for NVIDIA's: what it calls, and what it says when something fails.
/// </summary>
public sealed class CudaTests : IDisposable
{
    private readonly Lazy<IDevice> card = new(StandIn.Open);

    public void Dispose()
    {
        if (card.IsValueCreated) card.Value.Dispose();
    }

    [SkippableFact]
    public void Golden_cases_hold_whatever_the_order_of_the_threads_and_nothing_is_called_that_CUDA_refuses()
    {
        var cache = Directory.CreateTempSubdirectory("plastic-cache-");
        try
        {
            string? first = null;
            foreach (var order in new[] { "forward", "backward", "shuffled" })
            {
                var (code, output, messages, calls) = StandIn.Run(
                    [$"STANDIN_ORDER={order}", $"PLASTIC_CACHE={cache.FullName}"], ["verify", .. GoldenFiles.All, "--device", "cuda", "--json"]);
                Assert.True(code == ExitCode.Ok, string.Join('\n', [output, .. messages, .. calls]));
                StandIn.AssertTidy(calls);
                Assert.Equal(GoldenFiles.All.Count, calls.Count(call => call == "load BINARY for 90"));
                // What was compiled once is not compiled again.
                foreach (var option in new[] { "gpu-architecture=sm_90", "fmad=false", "ftz=false", "prec-div=true", "prec-sqrt=true" })
                {
                    Assert.Equal(first is null ? GoldenFiles.All.Count : 0, calls.Count(call => call == $"option --{option}"));
                }
                Assert.Equal(first ??= output, output);
            }
        }
        finally
        {
            cache.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public async Task More_local_memory_than_every_card_gives_is_asked_for_and_changes_no_bit_nor_does_another_thread()
    {
        var options = NetworkOptions.Default;
        (options.Rule, options.Cell) = (RuleBook.All.Single(rule => rule.Name == "gradient"), Cell.Lstm);
        (options.Inputs, options.Hidden, options.Outputs, options.Batch) = (3, 192, 2, 1);
        var one = new DeviceCase(options, Steps: 2);
        Assert.Equal(227 << 10, card.Value.Facts.LocalBytes);
        var source = new EpisodeSource(one.Network.Program, 227 << 10);
        Assert.InRange(source.LocalFloats * sizeof(float), (48 << 10) + 1, 227 << 10);
        var first = Run(card.Value, one, new EpisodeSource(one.Network.Program, 32 << 10));

        // On another thread, which has no context of its own.
        GpuTests.AssertSame(first, await Task.Factory.StartNew(() => Run(card.Value, one, source), TaskCreationOptions.LongRunning));
    }

    [SkippableFact]
    public void A_card_that_the_compiler_does_not_know_yet_gets_what_its_driver_compiles()
    {
        var (code, output, messages, calls) = StandIn.Run(["STANDIN_CARD=103", "STANDIN_CARDS=75,80,90,120"], Verify);
        Assert.True(code == ExitCode.Ok, string.Join('\n', [output, .. messages, .. calls]));
        Assert.Contains("option --gpu-architecture=compute_90", calls);
        Assert.Contains("load PTX for 90", calls);
        StandIn.AssertTidy(calls);
    }

    [SkippableTheory]
    [InlineData("STANDIN_DEVICES=0", "cuda", ExitCode.Configuration, "no device cuda: CUDA finds no card")]
    [InlineData("STANDIN_DEVICES=2", "cuda:2", ExitCode.Configuration, "no device cuda:2: there are cuda:0 (Stand-in 0), cuda:1 (Stand-in 1)")]
    [InlineData("STANDIN_INIT=803", "cuda", ExitCode.Configuration, "NVIDIA's driver says CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, 803")]
    [InlineData("STANDIN_CARD=70", "cuda", ExitCode.Configuration, "cuda:0 (Stand-in 0) has compute capability 7.0; NVRTC 12.9 begins with 7.5: an older one is needed")]
    [InlineData("STANDIN_LOCAL=128", "cuda", ExitCode.Failed, "cuda:0 (Stand-in 0) has 128 bytes of local memory; the kernels need")]
    [InlineData("STANDIN_MEMORY=16384", "cuda", ExitCode.Failed, "cuda:0 (Stand-in 0) has not enough memory: needs 1 MiB for")]
    [InlineData("STANDIN_LAUNCH=701", "cuda", ExitCode.Failed, "cuda:0 (Stand-in 0) could not run transpose (CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, 701)")]
    [InlineData("STANDIN_LOSE_AFTER=2", "cuda", ExitCode.Failed, "(CUDA_ERROR_LAUNCH_FAILED, 719)")]
    public void What_a_card_cannot_do_is_said_on_one_line(string setting, string device, object code, string said)
    {
        var ended = StandIn.Run([setting], ["verify", GoldenFiles.All[0], "--device", device]);
        Assert.Equal((ExitCode)code, ended.Code);
        Assert.Contains(said, Assert.Single(ended.Messages));
        Assert.DoesNotContain(ended.Calls, call => call.StartsWith("fault", StringComparison.Ordinal));
        // What a lost card held is gone with it.
        if (!setting.StartsWith("STANDIN_LOSE", StringComparison.Ordinal)) StandIn.AssertTidy(ended.Calls);
    }

    // The stand-in copies when somebody waits, as late as a card may.
    [SkippableFact]
    public void Copies_to_and_from_the_host_s_own_memory_are_made_while_the_host_goes_on()
    {
        var on = card.Value;
        using var buffer = on.Allocate(3, "numbers");
        using var from = on.Stage(3);
        using var to = on.Stage(3);
        float[] numbers = [1, 2, 3];
        numbers.CopyTo(from.Values);
        on.StartWrite(buffer, from);
        using var copy = on.StartRead(buffer, to);
        Assert.All(to.Values.ToArray(), x => Assert.True(float.IsNaN(x)));
        copy.Wait();
        Assert.Equal(numbers, to.Values.ToArray());
    }

    [SkippableFact]
    public void What_the_compiler_refuses_is_said_on_one_line()
    {
        var refused = Assert.Throws<DeviceException>(() => card.Value.Compile(new KernelSource(Prelude.Text + "\nKERNEL void broken(int n) { n = ; }\n"), []));
        Assert.Equal(DeviceFault.Compile, refused.Fault);
        Assert.Matches(@"^cuda:0 \(Stand-in 0\) cannot compile the kernels: kernels\.cu:\d+:.*error: expected expression$", refused.Message);
    }

    [SkippableFact]
    public void A_library_that_is_not_installed_is_named_and_other_devices_are_still_listed()
    {
        var folder = Directory.CreateTempSubdirectory("plastic-driver-");
        try
        {
            var (listed, output, messages, _) = StandIn.Run(folder.FullName, [], ["devices"]);
            Skip.If(output.Contains("cuda:0", StringComparison.Ordinal), "this machine has a card");
            const string missing = "CUDA cannot be used: libcuda.so.1 is not installed (NVIDIA's driver has it)";
            Assert.Equal(GpuDevices.Any ? ExitCode.Ok : ExitCode.Configuration, listed);
            Assert.Contains(missing, string.Join('\n', messages));
            if (GpuDevices.Any) Assert.Contains("opencl:0", output);
            var ended = StandIn.Run(folder.FullName, [], Verify);
            Assert.Equal((ExitCode.Configuration, $"plastic: {missing}"), (ended.Code, Assert.Single(ended.Messages)));

        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public void The_compiler_is_one_that_the_driver_understands_wherever_it_is_installed()
    {
        // Both are in reach; the driver of CUDA 12 refuses what the newer one makes, that of CUDA 13 takes it.
        foreach (var (driver, compiler) in new[] { (12040, "NVRTC 12"), (13000, "NVRTC 13") })
        {
            var (code, output, messages, calls) = StandIn.Run([$"STANDIN_DRIVER={driver}"], Verify);
            Assert.True(code == ExitCode.Ok, string.Join('\n', [output, .. messages, .. calls]));
            Assert.Equal(compiler, Assert.Single(calls, call => call.StartsWith("NVRTC", StringComparison.Ordinal)));
        }

        var place = Directory.CreateTempSubdirectory("plastic-driver-");
        try
        {
            string near = place.CreateSubdirectory("near").FullName, toolkit = Path.Combine(place.FullName, "toolkit");
            var library = place.CreateSubdirectory(Path.Combine("toolkit", "lib64")).FullName;
            void Copy(string name, string to) => File.Copy(Path.Combine(StandIn.Folder, name), Path.Combine(to, name));
            Copy(StandIn.Driver, near);
            string Refused(params string[] settings)
            {
                var ended = StandIn.Run(near, settings, Verify);
                Skip.If(ended.Code == ExitCode.Ok, "this machine has a compiler");
                Assert.Equal(ExitCode.Configuration, ended.Code);
                StandIn.AssertTidy(ended.Calls);
                return Assert.Single(ended.Messages);
            }
            var missing = Refused($"CUDA_PATH={toolkit}");
            Assert.Contains("NVRTC, CUDA's compiler, is not installed: looked for libnvrtc.so.13, libnvrtc.so.12,", missing);
            Assert.Contains($"and in {library} and /usr/local/cuda/lib64 (", missing);

            Copy(StandIn.NewerCompiler, near);
            Assert.Equal(
                "plastic: cuda:0 cannot be used: NVRTC 13 is newer than the driver (CUDA 12.4): install one of CUDA 12",
                Refused($"CUDA_PATH={toolkit}"));

            Copy(StandIn.Compiler, library);
            Copy(StandIn.Words, library);
            foreach (var variable in new[] { "CUDA_HOME", "CUDA_PATH" })
            {
                var (code, output, messages, calls) = StandIn.Run(near, [$"{variable}={toolkit}"], Verify);
                Assert.True(code == ExitCode.Ok, string.Join('\n', [output, .. messages, .. calls]));
                Assert.Contains("NVRTC 12", calls);
            }
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public void What_memory_is_free_is_said_where_it_does_not_suffice()
    {
        var on = card.Value;
        using var held = on.Allocate(2 << 20, "numbers");
        var refused = Assert.Throws<DeviceException>(() => on.Allocate(4L << 30, "more numbers"));
        Assert.Equal(DeviceFault.Memory, refused.Fault);
        var said = Regex.Match(
            refused.Message, @"^cuda:0 \(Stand-in 0\) has not enough memory: needs 16384 MiB for more numbers; (\d+) MiB of 8192 MiB are free$");
        // Other tests may hold some of it, too.
        Assert.InRange(int.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture), 4096, 8184);
    }

    [Theory]
    [InlineData(OpenCl.MemoryFailed, DeviceFault.Memory, "opencl:0 (A card) has not enough memory to finish (OpenCL's code -4)")]
    [InlineData(OpenCl.OutOfResources, DeviceFault.Lost, "opencl:0 (A card) could not finish (OpenCL's code -5)")]
    public void Only_what_lacks_memory_is_called_a_lack_of_memory(int error, DeviceFault fault, string said)
    {
        var failed = OpenClDevice.Failed(new("opencl:0", "A card", "OpenCL", false, 1, 256, 1 << 15, 1 << 30, 1 << 28, true), error, "finish");
        Assert.Equal((fault, said), (failed.Fault, failed.Message));
    }

    private static string[] Verify => ["verify", GoldenFiles.All[0], "--device", "cuda"];

    private static IReadOnlyDictionary<string, double[]> Run(IDevice on, DeviceCase one, EpisodeSource source, params string[] defined)
    {
        using var executor = new GpuExecutor(on, source, ["POISONED", .. defined]);
        return DeviceCase.Of(one.Network, executor.Run(one.Parameters(), one.Batch(), wantGradient: true));
    }
}
