/// The tasks of ±1 patterns (Miconi 2016; Miconi, Clune and Stanley 2018), each against a description of its own.
module Plastic.Laws.BitsLaws

open FsCheck.FSharp
open Plastic.Core
open Plastic.Tasks
open Plastic.Laws.TaskLaws
open Xunit

/// The rows of an episode of `width` numbers each.
let private rows width (values: float[]) =
    Array.chunkBySize width values |> List.ofArray

let private isPattern (row: float[]) =
    row |> Array.forall (fun x -> abs x = 1.0)

[<Fact>]
let ``completion shows a pattern, then one bit of it, and asks for all of it at the second step`` () =
    Law.holds "completion"
    <| Prop.forAll (placesOf [ BohpCompletion.task ]) (fun place ->
        let input, target = training place

        match rows 8 input, rows 8 target with
        | [ pattern; cue ], [ first; second ] ->
            Assert.True(isPattern pattern)
            Assert.Equal<float>(pattern, first)
            Assert.Equal<float>(pattern, second)
            let kept = cue |> Array.indexed |> Array.filter (fun (_, x) -> x <> 0.0)
            Assert.Equal(1, kept.Length)
            Assert.Equal(pattern[fst kept[0]], snd kept[0])
            Assert.Equal<float>([| 0.0; 1.0 |], (place.Task.Episodes place.Settings).Weight)
        | _ -> Assert.Fail "two steps")

[<Fact>]
let ``labels are those that were shown last with the pattern, and are shown only when they are new`` () =
    for task, swaps in [ BohpLabels.oneshot, []; BohpLabels.reversal, [ 10 ] ] do
        Law.holds task.Name
        <| Prop.forAll (placesOf [ task ]) (fun place ->
            let input, target = training place
            let weight = (task.Episodes place.Settings).Weight
            let mutable known: (float[] * float[]) list = []

            for t, (row, label) in List.zip (rows 10 input) (rows 2 target) |> List.indexed do
                let shown, pattern = Array.take 2 row, Array.skip 2 row
                Assert.True(isPattern pattern)
                Assert.Equal<float>([| 0.0; 1.0 |], Array.sort label)

                if t < 2 || List.exists (fun swap -> t = swap || t = swap + 1) swaps then
                    Assert.Equal<float>(label, shown)
                    Assert.Equal(0.0, weight[t])
                    known <- (pattern, label) :: known
                else
                    Assert.Equal<float>([| 0.0; 0.0 |], shown)
                    Assert.True(weight[t] > 0.0)
                    Assert.Equal<float>(known |> List.find (fst >> (=) pattern) |> snd, label)

            // Two patterns that differ, each at every other step.
            Assert.Equal(2, known |> List.map fst |> List.distinct |> List.length)
            Assert.Equal(2 + 2 * swaps.Length, known.Length)

            Assert.Single(weight |> Array.filter (fun w -> w > 0.0) |> Array.distinct)
            |> ignore)

[<Fact>]
let ``patterns are shown in every cycle, and half of one of them at the end`` () =
    Law.holds "patterns"
    <| Prop.forAll (placesOf [ Patterns.task ]) (fun place ->
        let s = place.Settings
        let input, target = training place
        let rows = rows s.Bits input
        let block = s.Shown + s.Pause
        let cycles, test = List.splitAt (s.Cycles * s.Patterns * block) rows
        Assert.Equal(s.Shown, test.Length)

        let shown =
            [
                for presentation in List.chunkBySize block cycles do
                    let rows, pause = List.splitAt s.Shown presentation
                    Assert.Single(List.distinct rows) |> ignore
                    Assert.All(pause, fun row -> Assert.All(row, fun x -> Assert.Equal(0.0, x)))
                    rows.Head |> Array.map (fun x -> x / Patterns.drive)
            ]

        Assert.All(shown, fun pattern -> Assert.True(isPattern pattern))

        for cycle in List.chunkBySize s.Patterns shown do
            Assert.Equal<Set<float list>>(
                shown |> List.take s.Patterns |> List.map List.ofArray |> set,
                cycle |> List.map List.ofArray |> set
            )

        let asked = Array.take s.Bits target
        Assert.Contains(List.ofArray asked, shown |> List.map List.ofArray)
        Assert.All(Array.chunkBySize s.Bits target, fun row -> Assert.Equal<float>(asked, row))
        let cue = Assert.Single(List.distinct test)
        Assert.Equal(s.Bits / 2, cue |> Array.filter ((=) 0.0) |> Array.length)

        Array.iter2 (fun c a -> Assert.True(c = 0.0 || c = Patterns.drive * a)) cue asked)

[<Fact>]
let ``wrong bits and wrong labels are counted one by one`` () =
    // Two samples of two steps and two outputs; of patterns the last step counts, of labels the weighted ones.
    let batch =
        Plastic.Core.Batch(
            2,
            2,
            1,
            2,
            Array.zeroCreate 4,
            [| 1.0; -1.0; 1.0; -1.0; -1.0; 1.0; -1.0; 1.0 |],
            [| 0.0; 1.0 |]
        )

    let outputs = [| -5.0; 5.0; 0.3; -0.2; -5.0; 5.0; 0.4; 0.1 |]
    Assert.Equal(0.25, Patterns.task.Measure.Of(batch, outputs))
    Assert.Equal(0.5, BohpLabels.oneshot.Measure.Of(batch, outputs))
