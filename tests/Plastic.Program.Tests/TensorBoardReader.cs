using System.Text.Json;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// Reads event files with nothing of Plastic: a script for Python's protobuf, with its own checksums and with the messages as TensorBoard
/// publishes them (event.proto, summary.proto, tensor.proto, and plugin_data.proto of the plugin for hyperparameters).
/// </summary>
internal static class TensorBoardReader
{
    public const string Module = "google.protobuf";

    /// <summary>An event of a file.</summary>
    /// <param name="Time">Seconds since 1970.</param>
    /// <param name="Step">The training step.</param>
    /// <param name="Version">Of the first event.</param>
    /// <param name="Tag">What the summary is.</param>
    /// <param name="Value">A number to plot.</param>
    /// <param name="Settings">Of a run's start.</param>
    /// <param name="Status">Of a run's end; 1 for success.</param>
    public sealed record Event(
        double Time, long Step, string Version, string? Tag, float? Value, Dictionary<string, JsonElement>? Settings, int? Status);

    /// <summary>Every event of a file, in order. Fails where a checksum is wrong, a record is cut short, or a field is unknown.</summary>
    public static IReadOnlyList<Event> Read(string file) => JsonSerializer.Deserialize<Event[]>(
        Python.Run(Path.GetDirectoryName(file)!, $"file = {JsonSerializer.Serialize(file)}\n{Script}", Module))!;

    private const string Script = """
        import json, struct
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, struct_pb2

        NUMBER, FLOAT, INT64, INT32, STRING, MESSAGE, BYTES, ENUM = 1, 2, 3, 5, 9, 11, 12, 14
        file_of = descriptor_pb2.FileDescriptorProto(name="events.proto", package="t", syntax="proto3")
        file_of.dependency.append("google/protobuf/struct.proto")

        def message(name, *fields):
            made = file_of.message_type.add(name=name)
            for number, field, kind, *rest in fields:
                label = 3 if "many" in rest else 1
                of = [word for word in rest if word != "many"]
                added = made.field.add(name=field, number=number, type=kind, label=label)
                if of: added.type_name = of[0]

        message("Dim", (1, "size", INT64))
        message("Shape", (2, "dim", MESSAGE, ".t.Dim", "many"))
        message("Tensor", (1, "dtype", INT32), (2, "tensor_shape", MESSAGE, ".t.Shape"), (5, "float_val", FLOAT, "many"))
        message("PluginData", (1, "plugin_name", STRING), (2, "content", BYTES))
        message("Metadata", (1, "plugin_data", MESSAGE, ".t.PluginData"), (4, "data_class", INT32))
        message("Value", (1, "tag", STRING), (2, "simple_value", FLOAT), (8, "tensor", MESSAGE, ".t.Tensor"), (9, "metadata", MESSAGE, ".t.Metadata"))
        message("Summary", (1, "value", MESSAGE, ".t.Value", "many"))
        message("Event", (1, "wall_time", NUMBER), (2, "step", INT64), (3, "file_version", STRING), (5, "summary", MESSAGE, ".t.Summary"))
        message("Setting", (1, "key", STRING), (2, "value", MESSAGE, ".google.protobuf.Value"))
        message("Start", (1, "hparams", MESSAGE, ".t.Setting", "many"), (4, "group_name", STRING), (5, "start_time_secs", NUMBER))
        message("End", (1, "status", INT32), (2, "end_time_secs", NUMBER))
        message("Session", (1, "version", INT32), (3, "start", MESSAGE, ".t.Start"), (4, "end", MESSAGE, ".t.End"))
        pool = descriptor_pool.DescriptorPool()
        described = descriptor_pb2.FileDescriptorProto()
        struct_pb2.DESCRIPTOR.CopyToProto(described)
        pool.Add(described)
        pool.Add(file_of)

        def known(name, data):
            kind = pool.FindMessageTypeByName("t." + name)
            made = message_factory.GetMessageClass(kind) if hasattr(message_factory, "GetMessageClass") else message_factory.MessageFactory(pool).GetPrototype(kind)
            found = made.FromString(data)
            found.DiscardUnknownFields()
            assert found.ByteSize() == len(data), "unknown fields"
            return found

        def checksum(data):
            crc = 0xFFFFFFFF
            for byte in data:
                crc ^= byte
                for _ in range(8): crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
            crc ^= 0xFFFFFFFF
            return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF

        events = []
        data = open(file, "rb").read()
        at = 0
        while at < len(data):
            length, = struct.unpack_from("<Q", data, at)
            assert struct.unpack_from("<I", data, at + 8)[0] == checksum(data[at:at + 8]), f"length at {at}"
            record = data[at + 12:at + 12 + length]
            assert len(record) == length, "cut short"
            assert struct.unpack_from("<I", data, at + 12 + length)[0] == checksum(record), f"record at {at}"
            at += length + 16
            event = known("Event", record)
            seen = dict(Time=event.wall_time, Step=event.step, Version=event.file_version)
            for value in event.summary.value:
                seen["Tag"] = value.tag
                if value.HasField("metadata"):
                    assert value.metadata.plugin_data.plugin_name == "hparams" and value.metadata.data_class == 2
                    assert list(value.tensor.float_val) == [0.0] and [dim.size for dim in value.tensor.tensor_shape.dim] == [1]
                    session = known("Session", value.metadata.plugin_data.content)
                    if session.HasField("start"):
                        assert session.start.start_time_secs > 0
                        kinds = ((setting.key, setting.value) for setting in session.start.hparams)
                        seen["Settings"] = {key: getattr(value, value.WhichOneof("kind")) for key, value in kinds}
                    if session.HasField("end"): seen["Status"] = session.end.status
                else:
                    seen["Value"] = value.simple_value
            events.append(seen)
        print(json.dumps(events))
        """;
}

/// <summary>A test that needs Python's protobuf; skipped, and named as such, where there is none.</summary>
internal sealed class ProtobufFactAttribute : FactAttribute
{
    public ProtobufFactAttribute()
    {
        if (!Python.Has(TensorBoardReader.Module)) Skip = "needs python3-protobuf";
    }
}
