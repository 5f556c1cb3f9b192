using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The device that tests of kernels run on.</summary>
internal static class GpuDevices
{
    /// <summary>
    /// The tests that use it in this process, one after the other: PoCL 3.1 may end the process when two threads run different kernels at once
    /// ("pocl_release_dlhandle_cache: Assertion `found->ref_count > 0' failed").
    /// </summary>
    public const string Collection = "devices";

    private static readonly Lazy<bool> HasDevice = new(() =>
    {
        try
        {
            return Devices.All().Any(device => device.Name == "opencl:0");
        }
        catch (DeviceException)
        {
            return false;
        }
    });

    /// <summary>Whether there is one.</summary>
    public static bool Any => HasDevice.Value;

    /// <summary>Skips a test where there is no device.</summary>
    public static void Need() => Skip.If(!HasDevice.Value, "there is no OpenCL device (in Debian: pocl-opencl-icd)");

    /// <summary>Opens it.</summary>
    public static IDevice Open()
    {
        Need();
        return Devices.Open("opencl");
    }
}
