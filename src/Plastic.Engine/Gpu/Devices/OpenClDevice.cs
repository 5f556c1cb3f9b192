using System.Runtime.InteropServices;
using System.Text;

namespace Plastic.Engine;

/// <summary>A device that is reached through OpenCL 1.2.</summary>
internal sealed unsafe class OpenClDevice : IDevice
{
    /// <summary>Which way of running threads PoCL compiles kernels for.</summary>
    private const string Ways = "POCL_WORK_GROUP_METHOD";

    private readonly nint device, context, queue;
    private readonly KernelCache cache;

    /// <exception cref="DeviceException">The device cannot be opened.</exception>
    public OpenClDevice(nint device, DeviceFacts facts, KernelCache cache)
    {
        (this.device, Facts, this.cache) = (device, facts, cache);
        context = OpenCl.CreateContext(null, 1, &device, 0, 0, out var error);
        Require(error, "be opened");
        queue = OpenCl.CreateQueue(context, device, 0, out error);
        Require(error, "be opened");
    }

    public DeviceFacts Facts { get; }

    public IKernels Compile(KernelSource source, IEnumerable<string> defined)
    {
        var options = string.Join(' ', Options().Concat(defined.Select(name => $"-D {name}")));
        var key = KernelCache.Key(
            source.Text, options, Facts.Model, Facts.Platform, OpenClPlatforms.Text(device, OpenCl.DriverVersion),
            Environment.GetEnvironmentVariable(Ways) ?? "");
        // What was kept may be nothing that this driver loads.
        if (cache.Read(key) is { } kept && new OpenClProgram(context, device, kept, isBinary: true) is var found)
        {
            if (found.Build(options) == 0) return new OpenClKernels(found, source, this);
            found.Dispose();
        }
        var program = new OpenClProgram(context, device, Encoding.UTF8.GetBytes(source.Text), isBinary: false);
        var error = program.Build(options);
        if (error != 0)
        {
            var line = program.Log.Split('\n').FirstOrDefault(text => text.Contains("error", StringComparison.OrdinalIgnoreCase)) ?? $"code {error}";
            program.Dispose();
            throw new DeviceException(DeviceFault.Compile, $"{Facts.Name} ({Facts.Model}) cannot compile the kernels: {line.Trim()}");
        }
        if (program.Binary is { } binary) cache.Write(key, binary);
        return new OpenClKernels(program, source, this);
    }

    public DeviceBuffer Allocate(long floats, string what)
    {
        var bytes = DeviceBuffer.Taken(floats) * sizeof(float);
        if (bytes > Facts.LargestBytes) throw TooLarge(bytes, what);
        var buffer = OpenCl.CreateBuffer(context, 0, (nuint)bytes, null, out var error);
        if (error is OpenCl.MemoryFailed or OpenCl.InvalidBufferSize or OpenCl.OutOfResources or OpenCl.OutOfHostMemory)
        {
            throw TooLarge(bytes, what);
        }
        Require(error, $"hold {what}");
        return new DeviceBuffer(buffer, DeviceBuffer.Taken(floats), handle => Release(OpenCl.ReleaseBuffer(handle)));
    }

    public void Write(DeviceBuffer to, ReadOnlySpan<float> values)
    {
        RequireRoom(to, values.Length);
        if (values.IsEmpty) return;
        fixed (float* from = values)
        {
            Require(OpenCl.Write(queue, to.Handle, 1, 0, (nuint)values.Length * sizeof(float), from, 0, null, null), "be written to");
        }
    }

    public void Read(DeviceBuffer from, long start, Span<float> values)
    {
        RequireRoom(from, start + values.Length);
        if (values.IsEmpty) return;
        fixed (float* to = values)
        {
            var (offset, size) = ((nuint)start * sizeof(float), (nuint)values.Length * sizeof(float));
            Require(OpenCl.Read(queue, from.Handle, 1, offset, size, to, 0, null, null), "be read");
        }
    }

    public HostMemory Stage(int floats) => new(
        (nint)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), 64), floats, address => NativeMemory.AlignedFree((void*)address));

    public void StartWrite(DeviceBuffer to, HostMemory from)
    {
        RequireRoom(to, from.Values.Length);
        Require(
            OpenCl.Write(queue, to.Handle, 0, 0, (nuint)from.Values.Length * sizeof(float), (void*)from.Address, 0, null, null),
            "be written to");
    }

    public DeviceCopy StartRead(DeviceBuffer from, HostMemory to)
    {
        RequireRoom(from, to.Values.Length);
        nint done;
        Require(
            OpenCl.Read(queue, from.Handle, 0, 0, (nuint)to.Values.Length * sizeof(float), (void*)to.Address, 0, null, &done), "be read");
        Require(OpenCl.Flush(queue), "be read");
        return new DeviceCopy(
            done, copy => Require(OpenCl.WaitFor(1, &copy), "finish"), copy => Release(OpenCl.ReleaseEvent(copy)));
    }

    public void Fill(DeviceBuffer to, float value) => Require(
        OpenCl.Fill(queue, to.Handle, &value, sizeof(float), 0, (nuint)to.Floats * sizeof(float), 0, null, null), "be filled");

    public void Launch(DeviceKernel kernel, long groups, params ReadOnlySpan<KernelArgument> arguments)
    {
        for (var k = 0; k < arguments.Length; k++)
        {
            var (buffer, number) = (arguments[k].Buffer?.Handle ?? 0, arguments[k].Number);
            Require(
                arguments[k].Buffer is null
                    ? OpenCl.SetArgument(kernel.Handle, (uint)k, sizeof(int), &number)
                    : OpenCl.SetArgument(kernel.Handle, (uint)k, (nuint)sizeof(nint), &buffer),
                $"run {kernel.Name}");
        }
        var (size, group) = ((nuint)groups * Prelude.GroupSize, (nuint)Prelude.GroupSize);
        Require(OpenCl.Launch(queue, kernel.Handle, 1, null, &size, &group, 0, null, null), $"run {kernel.Name}");
    }

    // What OpenCL calls the private memory of a kernel is all that a thread has, not what found no register.
    public (int? Registers, int? SpillBytes) Look(DeviceKernel kernel) => (null, null);

    public void Wait() => Require(OpenCl.Finish(queue), "finish");

    public void Dispose()
    {
        Release(OpenCl.ReleaseQueue(queue));
        Release(OpenCl.ReleaseContext(context));
    }

    /// <summary>A kernel of a compiled source.</summary>
    internal nint Kernel(OpenClProgram program, string name)
    {
        var kernel = program.Kernel(name, out var error);
        Require(error, $"run {name}");
        return kernel;
    }

    /// <summary>Lets go of something; what fails then cannot be mended.</summary>
    internal static void Release(int error) => _ = error;

    /// <summary>
    /// Division and roots as CUDA rounds them; on a CPU, which only proves the kernels, the compiler's quickest way. PoCL 3.1 with
    /// optimisation gives wrong numbers where a loop has a barrier in it, unless it unrolls the threads (POCL_WORK_GROUP_METHOD=repl).
    /// </summary>
    private IEnumerable<string> Options()
    {
        yield return "-cl-std=CL1.2";
        yield return "-w";
        if ((OpenClPlatforms.Number(device, OpenCl.DeviceSingleConfig) & OpenCl.CorrectlyRounded) != 0)
        {
            yield return "-cl-fp32-correctly-rounded-divide-sqrt";
        }
        if (Facts.IsCpu) yield return "-cl-opt-disable";
    }

    private DeviceException TooLarge(long bytes, string what) => new(
        DeviceFault.Memory,
        $"{Facts.Name} ({Facts.Model}) has not enough memory: {bytes >> 20} MiB are needed for {what}; "
        + $"it has {Facts.MemoryBytes >> 20} MiB, at most {Facts.LargestBytes >> 20} MiB in one piece");

    private static void RequireRoom(DeviceBuffer buffer, long floats)
    {
        if (floats > buffer.Floats) throw new ArgumentException($"a buffer of {buffer.Floats} numbers does not hold {floats}", nameof(buffer));
    }

    private void Require(int error, string what)
    {
        if (error != 0) throw Failed(Facts, error, what);
    }

    /// <summary>
    /// What a code means of something that needs no more memory than it has. NVIDIA's OpenCL gives <see cref="OpenCl.OutOfResources"/> for kernels
    /// that crash or take too long, too.
    /// </summary>
    internal static DeviceException Failed(DeviceFacts facts, int error, string what) => error is OpenCl.MemoryFailed or OpenCl.OutOfHostMemory
        ? new(DeviceFault.Memory, $"{facts.Name} ({facts.Model}) has not enough memory to {what} (OpenCL's code {error})")
        : new(DeviceFault.Lost, $"{facts.Name} ({facts.Model}) could not {what} (OpenCL's code {error})");
}

/// <summary>The kernels of a source that OpenCL has compiled.</summary>
internal sealed class OpenClKernels(OpenClProgram program, KernelSource source, OpenClDevice device) : IKernels
{
    private readonly Dictionary<string, nint> kernels = [];

    public DeviceKernel this[string name] =>
        new(
            name, kernels.TryGetValue(name, out var known) ? known : kernels[name] = device.Kernel(program, name),
            source.LocalBytes(name));

    public void Dispose()
    {
        foreach (var kernel in kernels.Values) OpenClDevice.Release(OpenCl.ReleaseKernel(kernel));
        program.Dispose();
    }
}
