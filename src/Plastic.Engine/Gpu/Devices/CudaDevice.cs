namespace Plastic.Engine;

/// <summary>A card that is reached through CUDA's driver. It has a stream of its own, in which everything runs in order.</summary>
internal sealed unsafe class CudaDevice : IDevice
{
    private readonly int device;
    private readonly nint context, stream;
    private readonly CudaCompiler compiler;
    private readonly KernelCache cache;

    /// <exception cref="DeviceException">The card cannot be opened, or nothing compiles for it.</exception>
    public CudaDevice(nint device, DeviceFacts facts, KernelCache cache)
    {
        (this.device, Facts, this.cache) = ((int)device, facts, cache);
        compiler = new CudaCompiler(facts, 10 * CudaCards.Number(device, Cuda.Major) + CudaCards.Number(device, Cuda.Minor));
        Require(Cuda.RetainContext(out context, this.device), "be opened");
        try
        {
            Enter();
            Require(Cuda.CreateStream(out stream, Cuda.NonBlocking), "be opened");
        }
        catch (DeviceException)
        {
            Release(Cuda.ReleaseContext(this.device));
            throw;
        }
    }

    public DeviceFacts Facts { get; }

    public IKernels Compile(KernelSource source, IEnumerable<string> defined)
    {
        Enter();
        var options = compiler.Options(defined);
        var key = KernelCache.Key([source.Text, .. options, Facts.Model, Facts.Platform, compiler.Version]);
        // What was kept may be nothing that this driver loads.
        if (cache.Read(key) is not { } kept || Load(kept, out var module) != 0)
        {
            var image = compiler.Compile(source.Text, options);
            Require(Load(image, out module), "load the kernels");
            cache.Write(key, image);
        }
        return new CudaKernels(module, source, this);

        static int Load(byte[] image, out nint module)
        {
            fixed (byte* from = image) return Cuda.LoadModule(out module, from);
        }
    }

    public DeviceBuffer Allocate(long floats, string what)
    {
        Enter();
        var held = DeviceBuffer.Taken(floats);
        var bytes = held * sizeof(float);
        var memory = (nint)0;
        var error = bytes > Facts.MemoryBytes ? Cuda.OutOfMemory : Cuda.Allocate(out memory, (nuint)bytes);
        if (error == Cuda.OutOfMemory)
        {
            Require(Cuda.GetFree(out var free, out var all), "tell how much of its memory is free");
            throw new DeviceException(
                DeviceFault.Memory,
                $"{Facts.Name} ({Facts.Model}) has not enough memory: needs {(bytes + (1 << 20) - 1) >> 20} MiB for {what}; "
                + $"{free >> 20} MiB of {all >> 20} MiB are free");
        }
        Require(error, $"hold {what}");
        return new DeviceBuffer(memory, held, handle => Leave(() => Cuda.Free(handle)));
    }

    // The driver has taken the numbers when the call returns, since they do not lie in memory that it knows.
    public void Write(DeviceBuffer to, ReadOnlySpan<float> values)
    {
        RequireRoom(to, values.Length);
        if (values.IsEmpty) return;
        Enter();
        fixed (float* from = values) Require(Cuda.Write(to.Handle, from, (nuint)values.Length * sizeof(float), stream), "be written to");
    }

    public void Read(DeviceBuffer from, long start, Span<float> values)
    {
        RequireRoom(from, start + values.Length);
        if (values.IsEmpty) return;
        Enter();
        fixed (float* to = values)
        {
            Require(Cuda.Read(to, from.Handle + (nint)(start * sizeof(float)), (nuint)values.Length * sizeof(float), stream), "be read");
            Require(Cuda.Finish(stream), "be read");
        }
    }

    public HostMemory Stage(int floats)
    {
        Enter();
        Require(Cuda.AllocateHost(out var memory, (nuint)floats * sizeof(float)), "take memory of the host");
        return new HostMemory(memory, floats, address => Leave(() => Cuda.FreeHost(address)));
    }

    public void StartWrite(DeviceBuffer to, HostMemory from)
    {
        RequireRoom(to, from.Values.Length);
        Enter();
        Require(Cuda.Write(to.Handle, (void*)from.Address, (nuint)from.Values.Length * sizeof(float), stream), "be written to");
    }

    public DeviceCopy StartRead(DeviceBuffer from, HostMemory to)
    {
        RequireRoom(from, to.Values.Length);
        Enter();
        Require(Cuda.Read((void*)to.Address, from.Handle, (nuint)to.Values.Length * sizeof(float), stream), "be read");
        Require(Cuda.CreateEvent(out var done, Cuda.WithoutTiming), "be read");
        Require(Cuda.RecordEvent(done, stream), "be read");
        return new DeviceCopy(done, Finish, copy => Leave(() => Cuda.DestroyEvent(copy)));

        void Finish(nint copy)
        {
            Enter();
            Require(Cuda.WaitFor(copy), "finish");
        }
    }

    public void Fill(DeviceBuffer to, float value)
    {
        Enter();
        Require(Cuda.Fill(to.Handle, BitConverter.SingleToUInt32Bits(value), (nuint)to.Floats, stream), "be filled");
    }

    public void Launch(DeviceKernel kernel, long groups, params ReadOnlySpan<KernelArgument> arguments)
    {
        Enter();
        var values = stackalloc long[arguments.Length];
        var places = stackalloc void*[arguments.Length];
        for (var k = 0; k < arguments.Length; k++)
        {
            values[k] = arguments[k].Buffer is { } buffer ? buffer.Handle : arguments[k].Number;
            places[k] = values + k;
        }
        Require(
            Cuda.Launch(
                kernel.Handle, checked((uint)groups), 1, 1, Prelude.GroupSize, 1, 1, (uint)kernel.LocalBytes, stream, places, null),
            $"run {kernel.Name}");
    }

    public (int? Registers, int? SpillBytes) Look(DeviceKernel kernel)
    {
        Enter();
        Require(Cuda.GetFunctionAttribute(out var registers, Cuda.Registers, kernel.Handle), $"tell of {kernel.Name}");
        Require(Cuda.GetFunctionAttribute(out var bytes, Cuda.ThreadBytes, kernel.Handle), $"tell of {kernel.Name}");
        return (registers, bytes);
    }

    public void Wait()
    {
        Enter();
        Require(Cuda.Finish(stream), "finish");
    }

    public void Dispose()
    {
        Leave(() => Cuda.DestroyStream(stream));
        Release(Cuda.ReleaseContext(device));
    }

    /// <summary>A kernel of a module. More local memory than every card gives has to be asked for.</summary>
    internal DeviceKernel Kernel(nint module, string name, int localBytes)
    {
        Enter();
        Require(Cuda.GetFunction(out var kernel, module, name), $"run {name}");
        if (localBytes > Cuda.LocalBytesUnasked)
        {
            Require(Cuda.SetFunctionAttribute(kernel, Cuda.MostDynamicLocalBytes, localBytes), $"give {name} {localBytes} bytes of local memory");
        }
        return new DeviceKernel(name, kernel, localBytes);
    }

    /// <summary>Lets go of something, in this device's context; what fails then cannot be mended.</summary>
    internal void Leave(Func<int> release)
    {
        if (Cuda.SetContext(context) == 0) Release(release());
    }

    private static void Release(int error) => _ = error;

    /// <summary>Has the calls of this thread go to this device.</summary>
    private void Enter() => Require(Cuda.SetContext(context), "be reached");

    private static void RequireRoom(DeviceBuffer buffer, long floats)
    {
        if (floats > buffer.Floats) throw new ArgumentException($"a buffer of {buffer.Floats} numbers does not hold {floats}", nameof(buffer));
    }

    private void Require(int error, string what)
    {
        if (error == 0) return;
        throw error == Cuda.OutOfMemory
            ? new DeviceException(DeviceFault.Memory, $"{Facts.Name} ({Facts.Model}) has not enough memory to {what} ({CudaCards.ErrorName(error)})")
            : new DeviceException(DeviceFault.Lost, $"{Facts.Name} ({Facts.Model}) could not {what} ({CudaCards.ErrorName(error)})");
    }
}

/// <summary>The kernels of a source that CUDA has loaded.</summary>
internal sealed class CudaKernels(nint module, KernelSource source, CudaDevice device) : IKernels
{
    private readonly Dictionary<string, DeviceKernel> kernels = [];

    public DeviceKernel this[string name] =>
        kernels.TryGetValue(name, out var known) ? known : kernels[name] = device.Kernel(module, name, source.LocalBytes(name));

    public void Dispose() => device.Leave(() => Cuda.UnloadModule(module));
}
