namespace Plastic.Engine;

/// <summary>A buffer of a device with arrays of the host that hold the same numbers once they are asked for.</summary>
/// <param name="device">The device.</param>
/// <param name="buffer">The buffer, which is given back with it.</param>
/// <param name="starts">Where each array starts in the buffer.</param>
/// <param name="values">The arrays.</param>
internal sealed class DeviceArrays(IDevice device, DeviceBuffer buffer, int[] starts, float[][] values) : IDisposable
{
    private bool isCurrent = true;

    /// <summary>On the device.</summary>
    public DeviceBuffer Buffer => buffer;

    /// <summary>The numbers changed on the device.</summary>
    public void Changed() => isCurrent = false;

    /// <summary>The arrays, with the numbers on the device once all that was launched has run.</summary>
    public float[][] Fetch()
    {
        if (isCurrent) return values;
        for (var k = 0; k < values.Length; k++) device.Read(buffer, starts[k], values[k]);
        isCurrent = true;
        return values;
    }

    /// <summary>Brings what is in the arrays to the device.</summary>
    public void Send()
    {
        var all = new float[buffer.Floats];
        for (var k = 0; k < values.Length; k++) values[k].CopyTo(all, starts[k]);
        device.Write(buffer, all);
        isCurrent = true;
    }

    public void Dispose() => buffer.Dispose();
}
