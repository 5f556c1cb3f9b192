using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>The functions of NVRTC, CUDA's compiler at run time, that are used, loaded when the first of them is called.</summary>
internal static unsafe partial class Nvrtc
{
    /// <summary>How the imports name it, whichever version is found.</summary>
    public const string Library = "libnvrtc.so.13";

    static Nvrtc() => DeviceLibraries.Use();

    [LibraryImport(Library, EntryPoint = "nvrtcVersion")]
    public static partial int GetVersion(out int major, out int minor);

    [LibraryImport(Library, EntryPoint = "nvrtcGetNumSupportedArchs")]
    public static partial int GetCardCount(out int count);

    [LibraryImport(Library, EntryPoint = "nvrtcGetSupportedArchs")]
    public static partial int GetCards(int* cards);

    [LibraryImport(Library, EntryPoint = "nvrtcCreateProgram", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateProgram(out nint program, string text, string name, int headers, nint texts, nint names);

    [LibraryImport(Library, EntryPoint = "nvrtcCompileProgram")]
    public static partial int Compile(nint program, int count, nint* options);

    [LibraryImport(Library, EntryPoint = "nvrtcDestroyProgram")]
    public static partial int DestroyProgram(ref nint program);

    [LibraryImport(Library, EntryPoint = "nvrtcGetProgramLogSize")]
    public static partial int GetLogSize(nint program, out nuint size);

    [LibraryImport(Library, EntryPoint = "nvrtcGetProgramLog")]
    public static partial int GetLog(nint program, byte* text);

    [LibraryImport(Library, EntryPoint = "nvrtcGetCUBINSize")]
    public static partial int GetBinarySize(nint program, out nuint size);

    [LibraryImport(Library, EntryPoint = "nvrtcGetCUBIN")]
    public static partial int GetBinary(nint program, byte* image);

    [LibraryImport(Library, EntryPoint = "nvrtcGetPTXSize")]
    public static partial int GetAssemblySize(nint program, out nuint size);

    [LibraryImport(Library, EntryPoint = "nvrtcGetPTX")]
    public static partial int GetAssembly(nint program, byte* image);
}
