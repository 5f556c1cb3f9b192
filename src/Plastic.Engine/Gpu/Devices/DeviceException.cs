namespace Plastic.Engine;

/// <summary>What is wrong with a device.</summary>
public enum DeviceFault
{
    /// <summary>The library that reaches devices of this kind is not installed.</summary>
    NoLibrary,

    /// <summary>There is no such device, or it lacks something that the kernels need.</summary>
    NoDevice,

    /// <summary>The device's compiler refused a kernel.</summary>
    Compile,

    /// <summary>The device's memory does not suffice.</summary>
    Memory,

    /// <summary>The device stopped working.</summary>
    Lost,
}

/// <summary>A device that cannot do what it was asked for, said on one line.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="message">What, where, and what to do.</param>
public sealed class DeviceException(DeviceFault fault, string message) : Exception(message)
{
    /// <summary>What is wrong.</summary>
    public DeviceFault Fault => fault;
}
