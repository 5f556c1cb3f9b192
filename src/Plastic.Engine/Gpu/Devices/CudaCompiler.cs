using System.Runtime.InteropServices;
using System.Text;

namespace Plastic.Engine;

/// <summary>
/// Compiles kernels for one kind of card, to its binary; where the compiler does not know the card yet, to the assembly of the newest one
/// that it knows, which the driver then compiles.
/// </summary>
internal sealed unsafe class CudaCompiler
{
    // Contraction would depend on the compiler; division and roots are rounded as IEEE 754 says, and small numbers are kept.
    private static readonly string[] Arithmetic = ["--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true"];

    private readonly DeviceFacts facts;
    private readonly string card;

    /// <param name="facts">The card.</param>
    /// <param name="capability">Its compute capability in tenths: 90 for an H100.</param>
    /// <exception cref="DeviceException">NVRTC is not installed, is newer than the driver, or knows no card as old as this one.</exception>
    public CudaCompiler(DeviceFacts facts, int capability)
    {
        this.facts = facts;
        NvrtcLibrary.Require(facts.Name, CudaCards.Version);
        Require(Nvrtc.GetVersion(out var major, out var minor));
        Require(Nvrtc.GetCardCount(out var count));
        var known = new int[count];
        fixed (int* to = known) Require(Nvrtc.GetCards(to));
        if (!known.Any(other => other <= capability))
        {
            throw new DeviceException(
                DeviceFault.NoDevice,
                $"{facts.Name} ({facts.Model}) has compute capability {capability / 10}.{capability % 10}; NVRTC {major}.{minor} begins with "
                + $"{known.Min() / 10}.{known.Min() % 10}: an older one is needed");
        }
        IsBinary = known.Contains(capability);
        card = IsBinary ? $"sm_{capability}" : $"compute_{known.Where(other => other <= capability).Max()}";
        Version = $"NVRTC {major}.{minor}";
    }

    /// <summary>The compiler and its version.</summary>
    public string Version { get; }

    /// <summary>Whether the card's own binary is made.</summary>
    public bool IsBinary { get; }

    /// <summary>The options of a compilation.</summary>
    public string[] Options(IEnumerable<string> defined) =>
        [$"--gpu-architecture={card}", .. Arithmetic, .. defined.Select(name => $"--define-macro={name}")];

    /// <summary>Compiles a source to an image that the driver loads.</summary>
    /// <exception cref="DeviceException">The compiler refuses it.</exception>
    public byte[] Compile(string text, string[] options)
    {
        Require(Nvrtc.CreateProgram(out var program, text, "kernels.cu", 0, 0, 0));
        var words = Array.ConvertAll(options, Marshal.StringToCoTaskMemUTF8);
        try
        {
            int error;
            fixed (nint* given = words) error = Nvrtc.Compile(program, words.Length, given);
            if (error != 0) throw Refused(error, Log(program));
            return IsBinary
                ? Image(Nvrtc.GetBinarySize(program, out var size), size, to => Nvrtc.GetBinary(program, (byte*)to))
                : Image(Nvrtc.GetAssemblySize(program, out size), size, to => Nvrtc.GetAssembly(program, (byte*)to));
        }
        finally
        {
            foreach (var word in words) Marshal.FreeCoTaskMem(word);
            // What fails here cannot be mended.
            _ = Nvrtc.DestroyProgram(ref program);
        }
    }

    private byte[] Image(int error, nuint size, Func<nint, int> get)
    {
        Require(error);
        var image = new byte[size];
        fixed (byte* to = image) Require(get((nint)to));
        return image;
    }

    private static string Log(nint program)
    {
        if (Nvrtc.GetLogSize(program, out var size) != 0 || size == 0) return "";
        var bytes = new byte[size];
        fixed (byte* to = bytes) return Nvrtc.GetLog(program, to) == 0 ? Encoding.UTF8.GetString(bytes).TrimEnd('\0') : "";
    }

    private DeviceException Refused(int error, string log)
    {
        var line = log.Split('\n').FirstOrDefault(text => text.Contains("error", StringComparison.OrdinalIgnoreCase)) ?? $"NVRTC's code {error}";
        return new(DeviceFault.Compile, $"{facts.Name} ({facts.Model}) cannot compile the kernels: {line.Trim()}");
    }

    private void Require(int error)
    {
        if (error != 0) throw Refused(error, "");
    }
}
