/// The F# of docs/guide/own-data.md.
module Plastic.Guide.Outputs

open System
open System.IO
open System.Runtime.InteropServices
open System.Text.Json

/// The outputs in an exported safetensors file.
let read (path: string) : float32[] =
    let file = File.ReadAllBytes path
    let length = int (BitConverter.ToUInt64(file, 0))
    let header = JsonDocument.Parse(ReadOnlyMemory(file, 8, length)).RootElement

    let at =
        header.GetProperty("outputs").GetProperty("data_offsets").Deserialize<int[]>()

    MemoryMarshal.Cast<byte, float32>(file.AsSpan(8 + length + at[0], at[1] - at[0])).ToArray()
