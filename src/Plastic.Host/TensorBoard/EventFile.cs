using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Plastic.Host;

/// <summary>
/// TensorBoard's event file: records of tensorflow.Event messages. A record is the message's length in 64 bits, a checksum of that, the
/// message, and a checksum of it; checksums are masked CRC-32C.
/// </summary>
internal static class EventFile
{
    // A map of hyperparameters without a value to plot: one float, 0.
    private static readonly ProtocolBuffer NoTensor = new ProtocolBuffer()
        .Whole(1, 1).Message(2, new ProtocolBuffer().Message(2, new ProtocolBuffer().Whole(1, 1))).Bytes(5, new byte[sizeof(float)]);

    /// <summary>The first record of every file.</summary>
    /// <param name="time">Seconds since 1970.</param>
    public static byte[] Version(double time) => Record(new ProtocolBuffer().Double(1, time).Text(3, "brain.Event:2"));

    /// <summary>A number at a training step.</summary>
    /// <param name="time">Seconds since 1970.</param>
    /// <param name="step">The step.</param>
    /// <param name="tag">What it is; the part before "/" groups charts.</param>
    /// <param name="value">Kept in 32 bits, as TensorBoard has it.</param>
    public static byte[] Scalar(double time, long step, string tag, double value) =>
        Summary(time, step, new ProtocolBuffer().Text(1, tag).Single(2, (float)value));

    /// <summary>The settings of a run, for the HPARAMS tab.</summary>
    /// <param name="time">When it started, in seconds since 1970.</param>
    /// <param name="settings">Their names and texts: numbers and truth values become such.</param>
    public static byte[] Settings(double time, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var start = new ProtocolBuffer();
        foreach (var (name, text) in settings)
        {
            start.Message(1, new ProtocolBuffer().Text(1, name).Message(2, Value(text)));
        }
        return Session(time, "start", 3, start.Double(5, time));
    }

    /// <summary>The end of a run that is finished.</summary>
    /// <param name="time">Seconds since 1970.</param>
    public static byte[] Finished(double time) => Session(time, "end", 4, new ProtocolBuffer().Whole(1, 1).Double(2, time));

    /// <summary>CRC-32C of bytes, rotated and with a constant added, so that a checksum within checked bytes does no harm.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes) sum = BitOperations.Crc32C(sum, one);
        return BitOperations.RotateRight(~sum, 15) + 0xa282ead8;
    }

    private static byte[] Session(double time, string name, int field, ProtocolBuffer message)
    {
        var data = new ProtocolBuffer().Text(1, "hparams").Bytes(2, new ProtocolBuffer().Message(field, message).ToArray());
        // Field 4, the kind of data: 2, a tensor.
        var metadata = new ProtocolBuffer().Message(1, data).Whole(4, 2);
        return Summary(
            time, 0, new ProtocolBuffer().Text(1, $"_hparams_/session_{name}_info").Message(8, NoTensor).Message(9, metadata));
    }

    private static ProtocolBuffer Value(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new ProtocolBuffer().Double(2, number)
            : text is "true" or "false" ? new ProtocolBuffer().Whole(4, text == "true" ? 1 : 0)
            : new ProtocolBuffer().Text(3, text);

    private static byte[] Summary(double time, long step, ProtocolBuffer value)
    {
        var message = new ProtocolBuffer().Double(1, time);
        // A field that is 0 is left out.
        if (step > 0) message.Whole(2, step);
        return Record(message.Message(5, new ProtocolBuffer().Message(1, value)));
    }

    private static byte[] Record(ProtocolBuffer message)
    {
        var data = message.ToArray();
        var record = new byte[data.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Checksum(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), Checksum(data));
        return record;
    }
}
