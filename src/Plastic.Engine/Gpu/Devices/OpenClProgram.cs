namespace Plastic.Engine;

/// <summary>A program of OpenCL, from a source or from what one compiled to. Where it could not be made, building it fails.</summary>
internal sealed unsafe class OpenClProgram : IDisposable
{
    private readonly nint device, program;
    private readonly int error;

    /// <param name="context">Where it is made.</param>
    /// <param name="device">The device that it is for.</param>
    /// <param name="bytes">The source's text, or the binary.</param>
    /// <param name="isBinary">Which of both.</param>
    public OpenClProgram(nint context, nint device, byte[] bytes, bool isBinary)
    {
        this.device = device;
        fixed (byte* from = bytes)
        {
            var (text, length) = ((nint)from, (nuint)bytes.Length);
            program = isBinary
                ? OpenCl.CreateProgram(context, 1, &device, &length, (byte**)&text, null, out error)
                : OpenCl.CreateProgram(context, 1, (byte**)&text, &length, out error);
        }
    }

    /// <summary>What the compiler said.</summary>
    public string Log => OpenClPlatforms.Text(
        (uint what, nuint size, void* value, out nuint needed) => OpenCl.GetBuildInfo(program, device, what, size, value, out needed),
        OpenCl.BuildLog);

    /// <summary>What it was compiled to; null where the device does not tell.</summary>
    public byte[]? Binary
    {
        get
        {
            nuint size;
            if (OpenCl.GetProgramInfo(program, OpenCl.BinarySizes, (nuint)sizeof(nuint), &size, out _) != 0 || size == 0) return null;
            var binary = new byte[size];
            fixed (byte* to = binary)
            {
                var place = (nint)to;
                return OpenCl.GetProgramInfo(program, OpenCl.Binaries, (nuint)sizeof(nint), &place, out _) == 0 ? binary : null;
            }
        }
    }

    /// <summary>Builds it and returns OpenCL's code, 0 if it is built.</summary>
    public int Build(string options)
    {
        if (error != 0) return error;
        var handle = device;
        return OpenCl.Build(program, 1, &handle, options, 0, 0);
    }

    /// <summary>A kernel by name, and OpenCL's code.</summary>
    public nint Kernel(string name, out int code) => OpenCl.CreateKernel(program, name, out code);

    public void Dispose()
    {
        if (program != 0) OpenClDevice.Release(OpenCl.ReleaseProgram(program));
    }
}
