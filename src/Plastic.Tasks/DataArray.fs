namespace Plastic.Tasks

open System

/// Raised for arrays that are no data set; the message is one line that names the array, its shape and the place.
[<Sealed>]
type DataException(message: string) =
    inherit Exception(message)

/// An array of a data file, row-major.
[<Sealed>]
type DataArray(name: string, shape: int[], numbers: Array, isWhole: bool) =
    let singles, doubles =
        match numbers with
        | :? (float32[]) as singles -> singles, null
        | :? (float[]) as doubles -> null, doubles
        | _ -> invalidArg (nameof numbers) "expected float32[] or float[]"

    /// Its name in the file.
    member _.Name = name
    /// Lengths of its axes.
    member _.Shape = shape
    /// float32[] or float[].
    member _.Numbers = numbers
    /// Whether the file stores whole numbers or truth values.
    member _.IsWhole = isWhole
    /// How many numbers it holds.
    member _.Length = numbers.Length

    /// The bytes that its numbers take.
    member _.Bytes: int64 = int64 numbers.Length * (if isNull singles then 8L else 4L)

    /// One number.
    member _.Item
        with get (at: int): float = if isNull singles then doubles[at] else float singles[at]

    /// Copies numbers from a place on.
    member _.CopyTo(start: int, into: Span<float>) : unit =
        if isNull singles then
            ReadOnlySpan(doubles, start, into.Length).CopyTo into
        else
            for k in 0 .. into.Length - 1 do
                into[k] <- float singles[start + k]

    /// "inputs [12, 20, 3]".
    member _.Shown: string =
        let lengths = String.Join(", ", shape)
        $"{name} [{lengths}]"

    /// The place of a number, "inputs[11, 4, 0]".
    member _.Place(at: int) : string =
        let index, _ =
            Array.foldBack (fun length (index, rest) -> rest % length :: index, rest / length) shape ([], at)

        let index = String.Join(", ", index)
        $"{name}[{index}]"
