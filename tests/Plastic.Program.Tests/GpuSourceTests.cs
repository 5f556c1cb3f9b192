using System.Diagnostics;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The sources of kernels, which are text: no device is needed.</summary>
public sealed class GpuSourceTests
{
    /// <summary>Compilers that know both cards.</summary>
    private static readonly string[] CudaCompilers = ["clang-19", "clang-18", "clang-17", "clang-16"];

    /// <summary>What clang lacks of CUDA's headers.</summary>
    private const string CudaWords = """
        #define __global__ __attribute__((global))
        #define __device__ __attribute__((device))
        #define __shared__ __attribute__((shared))
        #define __launch_bounds__(n) __attribute__((launch_bounds(n)))
        #include <__clang_cuda_builtin_vars.h>
        struct alignas(16) float4 { float x, y, z, w; };
        #define __align__(n) __attribute__((aligned(n)))
        static __device__ float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
        static __device__ float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
        static __device__ float rintf(float a) { return __builtin_rintf(a); }
        static __device__ float fabsf(float a) { return __builtin_fabsf(a); }
        static __device__ int __float_as_int(float x) { return __builtin_bit_cast(int, x); }
        static __device__ float __int_as_float(int x) { return __builtin_bit_cast(float, x); }
        static __device__ double __dsqrt_rn(double x) { return __builtin_sqrt(x); }
        static __device__ double __hiloint2double(int high, int low) {
            return __builtin_bit_cast(double, ((unsigned long long)(unsigned int)high << 32) | (unsigned int)low); }

        """;

    /// <summary>The sources of episodes and of learners, and how many kernels each holds.</summary>
    private static IEnumerable<(string Name, string Text, int Kernels)> Sources =>
    [
        .. DeviceCase.All.Select(one => (one.Name, one.Case.Source(DeviceCase.LocalBytes).Kernels.Text, 5)),
        .. GpuOptimiserTests.Optimisers.Select(name => (
            name,
            DeviceOptimiser.Source(
                new EpisodeLayout(DeviceCase.All[0].Case.Network.Program), UpdateKernel.Of(GpuOptimiserTests.Optimiser(name))!).Text,
            3)),
    ];

    [Fact]
    public void No_source_holds_an_atomic_operation_or_one_that_threads_of_a_warp_share()
    {
        foreach (var (_, text, _) in Sources)
        {
            foreach (var word in new[] { "atomic", "shfl", "ballot", "sub_group", "native_" }) Assert.DoesNotContain(word, text);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 10)]
    [InlineData(48 << 10)]
    public void A_group_takes_no_more_local_memory_than_there_is_for_vectors(int vectors)
    {
        var program = DeviceCase.All.Single(one => one.Name == "oja LSTM").Case.Network.Program;
        var sums = new EpisodeSource(program, 0).LocalFloats;
        var source = new EpisodeSource(program, sums * sizeof(float) + vectors);
        Assert.True(source.LocalFloats <= sums + vectors / sizeof(float));
        Assert.Equal(vectors < 48 << 10, source.ScratchFloats > 0);
    }

    [Fact]
    public void A_barrier_is_asked_for_where_threads_meet_and_nowhere_else()
    {
        Access read = new("P", IsWrite: false, IsOwn: true), write = new("P", IsWrite: true, IsOwn: true);
        Access readAny = read with { IsOwn = false }, writeAny = write with { IsOwn = false };
        (Access First, Access Then, bool Needs)[] table =
        [
            (read, read, false), (read, readAny, false), (read, write, false), (read, writeAny, true),
            (readAny, read, false), (readAny, readAny, false), (readAny, write, true), (readAny, writeAny, true),
            (write, read, false), (write, readAny, true), (write, write, false), (write, writeAny, true),
            (writeAny, read, true), (writeAny, readAny, true), (writeAny, write, true), (writeAny, writeAny, true),
        ];
        foreach (var (first, then, needs) in table)
        {
            var hazards = new Hazards();
            hazards.Add([first]);
            Assert.True(needs == hazards.Need([then]), $"{first}, then {then}");
            Assert.False(hazards.Need([then with { Place = "Q" }]));
            hazards.Clear();
            Assert.False(hazards.Need([then]));
        }
    }

    [SkippableTheory]
    [InlineData("sm_80")]
    [InlineData("sm_90")]
    public void Sources_are_CUDA_C_too_keep_no_array_on_a_stack_and_become_no_atomic_instruction(string card)
    {
        var compiler = CudaCompilers.FirstOrDefault(IsThere);
        Skip.If(compiler is null, "clang 16 or later is not installed");
        var folder = Directory.CreateTempSubdirectory("plastic-cuda-");
        try
        {
            Parallel.ForEach(Sources, one =>
            {
                var source = Path.Combine(folder.FullName, one.Name + ".cu");
                File.WriteAllText(source, CudaWords + one.Text);
                var (code, said) = Run(
                    compiler!, "-x", "cuda", "-nocudainc", "-nocudalib", "--cuda-device-only", $"--cuda-gpu-arch={card}", "-ffp-contract=off",
                    "-O1", "-S", "-o", source + ".ptx", source);
                Assert.True(code == 0, $"{one.Name}: {said}");
                var ptx = File.ReadAllText(source + ".ptx");
                Assert.Contains($".target {card}", ptx);
                Assert.Equal(one.Kernels, ptx.Split(".entry ").Length - 1);
                Assert.DoesNotContain("__local_depot", ptx);
                Assert.DoesNotMatch(@"\b(atom|red)\.", ptx);
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool IsThere(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static (int Code, string Said) Run(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
