/// What every number of a data set has to be.
module internal Plastic.Tasks.DataChecks

open System

/// Raises DataException.
let refuse message : 'T = raise (DataException message)

/// Refuses an array that is not as expected.
let need isRight (array: DataArray) expected =
    if not isRight then
        refuse $"{array.Shown}: expected {expected}"

/// The whole numbers of an array in a range.
let wholes (array: DataArray) low high =
    Array.init array.Length (fun at ->
        let x = array[at]

        if x >= float low && x <= float high && x = Math.Floor x then
            int x
        else
            refuse $"{array.Place at} is {x}; expected a whole number from {low} to {high} ({array.Shown})")

/// Numbers that the engine can hold.
let private finite (array: DataArray) at =
    if not (abs array[at] <= float Single.MaxValue) then
        refuse $"{array.Place at} is {array[at]}; expected a finite number of 32 bits ({array.Shown})"

let private weight (array: DataArray) at =
    finite array at

    if array[at] < 0.0 then
        refuse $"{array.Place at} is {array[at]}; a weight is at least 0 ({array.Shown})"

let private label (array: DataArray) at =
    if array[at] < -1.0 || array[at] > 9999.0 then
        refuse $"{array.Place at} is {array[at]}; a class label is 0 to 9999, or -1 for none ({array.Shown})"

/// An episode's inputs, labels, and the targets of its steps that count, of which there is one.
let private episode (s: DataStore) n =
    let width = s.Targets.Length / (s.Inputs.Length / s.Width)
    let mutable counts = false

    for t in 0 .. s.Lengths[n] - 1 do
        let at = s.Starts[n] + t

        for k in at * s.Width .. (at + 1) * s.Width - 1 do
            finite s.Inputs k

        if s.HasLabels then
            label s.Targets at

        if s.Weight(n, t) > 0.0 then
            counts <- true

            for k in at * width .. (at + 1) * width - 1 do
                finite s.Targets k

    if not counts then
        let what = s.Weights |> Option.defaultValue s.Targets
        refuse $"{what.Name}: no step of episode {n} counts ({s.Targets.Shown})"

/// Refuses a store with a number that does not fit. Steps beyond the end of an episode may hold anything.
let numbers (s: DataStore) : unit =
    for array in Option.toList s.Weights do
        for at in 0 .. array.Length - 1 do
            weight array at

    for n in 0 .. s.Count - 1 do
        episode s n
