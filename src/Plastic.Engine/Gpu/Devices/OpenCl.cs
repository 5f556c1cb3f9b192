using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>The functions of OpenCL 1.2 that are used, loaded when the first of them is called.</summary>
internal static unsafe partial class OpenCl
{
    /// <summary>The library that is looked for.</summary>
    public const string Library = "libOpenCL.so.1";

    public const int MemoryFailed = -4, OutOfResources = -5, OutOfHostMemory = -6, InvalidBufferSize = -61;

    public const ulong AllDevices = 0xFFFFFFFF;

    public const uint PlatformName = 0x0902, DeviceType = 0x1000, DeviceUnits = 0x1002, DeviceGroupSize = 0x1004,
        DeviceLargestBuffer = 0x1010, DeviceSingleConfig = 0x101B, DeviceMemory = 0x101F, DeviceLocalMemory = 0x1023,
        DeviceName = 0x102B, DeviceDoubleConfig = 0x1032, DriverVersion = 0x102D, BinarySizes = 0x1165, Binaries = 0x1166, BuildLog = 0x1183;

    public const ulong CpuType = 2, CorrectlyRounded = 128;

    static OpenCl() => DeviceLibraries.Use();

    [LibraryImport(Library, EntryPoint = "clGetPlatformIDs")]
    public static partial int GetPlatforms(uint room, nint* platforms, out uint count);

    [LibraryImport(Library, EntryPoint = "clGetPlatformInfo")]
    public static partial int GetPlatformInfo(nint platform, uint what, nuint size, void* value, out nuint needed);

    [LibraryImport(Library, EntryPoint = "clGetDeviceIDs")]
    public static partial int GetDevices(nint platform, ulong type, uint room, nint* devices, out uint count);

    [LibraryImport(Library, EntryPoint = "clGetDeviceInfo")]
    public static partial int GetDeviceInfo(nint device, uint what, nuint size, void* value, out nuint needed);

    [LibraryImport(Library, EntryPoint = "clCreateContext")]
    public static partial nint CreateContext(nint* properties, uint count, nint* devices, nint notify, nint data, out int error);

    [LibraryImport(Library, EntryPoint = "clReleaseContext")]
    public static partial int ReleaseContext(nint context);

    [LibraryImport(Library, EntryPoint = "clCreateCommandQueue")]
    public static partial nint CreateQueue(nint context, nint device, ulong properties, out int error);

    [LibraryImport(Library, EntryPoint = "clReleaseCommandQueue")]
    public static partial int ReleaseQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "clCreateProgramWithSource")]
    public static partial nint CreateProgram(nint context, uint count, byte** texts, nuint* lengths, out int error);

    [LibraryImport(Library, EntryPoint = "clCreateProgramWithBinary")]
    public static partial nint CreateProgram(
        nint context, uint count, nint* devices, nuint* lengths, byte** binaries, int* each, out int error);

    [LibraryImport(Library, EntryPoint = "clGetProgramInfo")]
    public static partial int GetProgramInfo(nint program, uint what, nuint size, void* value, out nuint needed);

    [LibraryImport(Library, EntryPoint = "clBuildProgram", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Build(nint program, uint count, nint* devices, string options, nint notify, nint data);

    [LibraryImport(Library, EntryPoint = "clGetProgramBuildInfo")]
    public static partial int GetBuildInfo(nint program, nint device, uint what, nuint size, void* value, out nuint needed);

    [LibraryImport(Library, EntryPoint = "clReleaseProgram")]
    public static partial int ReleaseProgram(nint program);

    [LibraryImport(Library, EntryPoint = "clCreateKernel", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint CreateKernel(nint program, string name, out int error);

    [LibraryImport(Library, EntryPoint = "clReleaseKernel")]
    public static partial int ReleaseKernel(nint kernel);

    [LibraryImport(Library, EntryPoint = "clSetKernelArg")]
    public static partial int SetArgument(nint kernel, uint index, nuint size, void* value);

    [LibraryImport(Library, EntryPoint = "clCreateBuffer")]
    public static partial nint CreateBuffer(nint context, ulong flags, nuint size, void* from, out int error);

    [LibraryImport(Library, EntryPoint = "clReleaseMemObject")]
    public static partial int ReleaseBuffer(nint buffer);

    [LibraryImport(Library, EntryPoint = "clEnqueueWriteBuffer")]
    public static partial int Write(
        nint queue, nint buffer, uint waits, nuint offset, nuint size, void* from, uint count, nint* before, nint* done);

    [LibraryImport(Library, EntryPoint = "clEnqueueReadBuffer")]
    public static partial int Read(
        nint queue, nint buffer, uint waits, nuint offset, nuint size, void* to, uint count, nint* before, nint* done);

    [LibraryImport(Library, EntryPoint = "clEnqueueFillBuffer")]
    public static partial int Fill(
        nint queue, nint buffer, void* pattern, nuint patternSize, nuint offset, nuint size, uint count, nint* before, nint* done);

    [LibraryImport(Library, EntryPoint = "clEnqueueNDRangeKernel")]
    public static partial int Launch(
        nint queue, nint kernel, uint dimensions, nuint* offset, nuint* size, nuint* group, uint count, nint* before, nint* done);

    [LibraryImport(Library, EntryPoint = "clFlush")]
    public static partial int Flush(nint queue);

    [LibraryImport(Library, EntryPoint = "clWaitForEvents")]
    public static partial int WaitFor(uint count, nint* events);

    [LibraryImport(Library, EntryPoint = "clReleaseEvent")]
    public static partial int ReleaseEvent(nint done);

    [LibraryImport(Library, EntryPoint = "clFinish")]
    public static partial int Finish(nint queue);
}
