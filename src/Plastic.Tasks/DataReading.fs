/// From named arrays to episodes, with every shape and number checked.
module internal Plastic.Tasks.DataReading

open System
open Plastic.Tasks.DataChecks

/// The arrays of a data set, or of one part of it.
let names = [ "inputs"; "targets"; "weights"; "lengths"; "split" ]

let private find name (arrays: DataArray list) =
    arrays |> List.tryFind (fun array -> array.Name = name)

/// All axes but the last: those that tell steps apart.
let private stepAxes (inputs: DataArray) =
    inputs.Shape[.. inputs.Shape.Length - 2]

let private required name arrays =
    match find name arrays with
    | Some array -> array
    | None ->
        let others = String.Join(", ", arrays |> List.map _.Name)
        refuse $"{name} is missing; there are {others}"

/// The first step and the number of steps of each episode, and the steps of the longest. Inputs are [N, T, inputs], or [steps,
/// inputs] with the episodes one after the other.
let private episodes (inputs: DataArray) (lengths: DataArray option) =
    let lengthsOf count (longest: int) =
        lengths
        |> Option.map (fun lengths ->
            need (lengths.Shape = [| count |]) lengths $"[{count}], the steps of each episode of {inputs.Shown}"
            wholes lengths 1 longest)

    match inputs.Shape, lengths with
    | [| count; steps; _ |], _ ->
        let lengths =
            lengthsOf count steps |> Option.defaultValue (Array.create count steps)

        Array.init count (fun n -> n * steps), lengths, steps
    | [| rows; _ |], Some array ->
        need (array.Shape.Length = 1) array "one length per episode"
        let lengths = (lengthsOf array.Length rows).Value
        let starts = lengths |> Array.scan (fun sum length -> sum + int64 length) 0L

        if Array.last starts <> int64 rows then
            refuse $"{array.Shown}: the lengths sum to {Array.last starts}, but {inputs.Shown} has {rows} steps"

        Array.init lengths.Length (fun n -> int starts[n]), lengths, Array.max lengths
    | _ ->
        refuse
            $"{inputs.Shown}: expected [episodes, steps, inputs], or [steps, inputs] of episodes one after the other, with lengths"

/// The array of targets, whose first axes are those of the inputs: [.., outputs], or class labels [..].
let private targets prefix (inputs: DataArray) arrays =
    let targets = required (prefix + "targets") arrays
    let before = stepAxes inputs

    let fits =
        targets.Shape = before
        || targets.Shape.Length = before.Length + 1
           && targets.Shape[.. before.Length - 1] = before

    let axes = String.Join(", ", before)
    need (fits && targets.Length > 0) targets $"[{axes}] or [{axes}, outputs], the first axes of {inputs.Shown}"
    targets

/// The array of weights, if there is one, and whether it is one row for all episodes.
let private weights prefix (inputs: DataArray) arrays =
    let before = stepAxes inputs
    let axes = String.Join(", ", before)

    match find (prefix + "weights") arrays, before with
    | None, _ -> None, false
    | Some array, [| _; steps |] ->
        need (array.Shape = [| steps |] || array.Shape = before) array $"[{steps}] or [{axes}]"
        Some array, array.Shape = [| steps |]
    | Some array, _ ->
        need (array.Shape = before) array $"[{axes}]"
        Some array, false

/// The store of arrays whose names have a prefix, all of it checked; and the steps of its longest episode.
let private store prefix (arrays: DataArray list) : DataStore * int =
    let inputs = required (prefix + "inputs") arrays
    need (inputs.Length > 0) inputs "at least one number"
    let starts, lengths, longest = episodes inputs (find (prefix + "lengths") arrays)
    let targets = targets prefix inputs arrays
    let weights, alike = weights prefix inputs arrays

    let store =
        {
            Inputs = inputs
            Targets = targets
            Weights = weights
            AlikeWeights = alike
            Width = Array.last inputs.Shape
            Starts = starts
            Lengths = lengths
            HasLabels = targets.IsWhole && targets.Shape = stepAxes inputs
        }

    DataChecks.numbers store
    store, longest

/// The number of outputs: of classes, where targets are labels.
let private outputs (stores: DataStore list) =
    let widths =
        [
            for s in stores ->
                if s.HasLabels then
                    0, s.Targets
                else
                    s.Targets.Length / (s.Inputs.Length / s.Width), s.Targets
        ]

    match widths |> List.map fst |> List.distinct with
    | [ 0 ] ->
        1
        + (stores
           |> Seq.collect (fun s ->
               seq {
                   for n in 0 .. s.Count - 1 do
                       for at in s.Starts[n] .. s.Starts[n] + s.Lengths[n] - 1 -> int s.Targets[at]
               })
           |> Seq.max
           |> max 1)
    | [ width ] -> width
    | _ ->
        let shown = String.Join("; ", widths |> List.map (fun (_, array) -> array.Shown))
        refuse $"{shown}: expected targets of one kind and width in every part"

/// The parts' episodes by the array `split`, or by a key: a tenth to validate, a tenth to test, at least one each.
let private split (store: DataStore) (array: DataArray option) : int[][] =
    let parts =
        match array with
        | Some array ->
            need
                (array.Shape = [| store.Count |])
                array
                $"[{store.Count}], 0, 1 or 2 for each episode of {store.Inputs.Shown}"

            wholes array 0 2
        | None ->
            if store.Count < 3 then
                refuse $"{store.Inputs.Shown}: expected at least 3 episodes, to train, validate and test on"

            let tenth = max 1 (store.Count / 10)
            let parts = Array.zeroCreate store.Count
            let key = Plastic.Core.Philox.key 0L "data split"

            for place in 0 .. 2 * tenth - 1 do
                parts[Plastic.Core.Permutation.at key 0L store.Count place] <- if place < tenth then 2 else 1

            parts

    [|
        for part in 0..2 ->
            match
                [|
                    for n in 0 .. parts.Length - 1 do
                        if parts[n] = part then
                            n
                |],
                array
            with
            | [||], Some array -> refuse $"{array.Shown}: no episode has {part} (0 train, 1 validation, 2 test)"
            | episodes, _ -> episodes
    |]

let private prefixes = [ "train_"; "validation_"; "test_" ]

/// The stores of a data set with the episodes of training, validation and test, the steps of the longest episode, and outputs.
let read (arrays: DataArray list) : (DataStore * int[]) list * int * int =
    let isParted =
        arrays
        |> List.exists (fun a -> prefixes |> List.exists (fun p -> a.Name.StartsWith p))

    let known =
        if isParted then
            [
                for prefix in prefixes do
                    for name in names[..3] -> prefix + name
            ]
        else
            names

    for array in arrays do
        if not (List.contains array.Name known) then
            let known = String.Join(", ", known)
            refuse $"{array.Shown}: unknown; a data set has {known}"

    let parts =
        if isParted then
            [
                for prefix in prefixes ->
                    let store, longest = store prefix arrays
                    store, [| 0 .. store.Count - 1 |], longest
            ]
        else
            let store, longest = store "" arrays

            [
                for episodes in split store (find "split" arrays) -> store, episodes, longest
            ]

    for store, _, _ in parts.Tail do
        let first, _, _ = parts.Head
        need (store.Width = first.Width) store.Inputs $"{first.Width} inputs, as {first.Inputs.Shown} has"

    let stores = [ for store, _, _ in parts -> store ]

    [ for store, episodes, _ in parts -> store, episodes ],
    List.max [ for _, _, longest in parts -> longest ],
    outputs stores
