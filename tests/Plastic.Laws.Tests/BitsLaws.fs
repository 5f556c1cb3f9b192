/// The tasks with ±1 patterns (Miconi 2016; Miconi, Clune and Stanley 2018), each against its description.
module Plastic.Laws.BitsLaws

open Expecto
open FsCheck.FSharp
open Plastic.Core
open Plastic.Laws.TaskLaws
open Plastic.Tasks

/// The rows of an episode of `width` numbers each.
let private rows width (values: float[]) =
    Array.chunkBySize width values |> List.ofArray

let private isPattern (row: float[]) =
    row |> Array.forall (fun x -> abs x = 1.0)

[<Tests>]
let tests =
    testList
        "Bits"
        [
            testCase "completion shows a pattern, then one bit of it, and tests all of it at the second step" (fun () ->
                Law.holds "completion"
                <| Prop.forAll (placesOf [ BohpCompletion.task ]) (fun place ->
                    let input, target = training place

                    match rows 8 input, rows 8 target with
                    | [ pattern; cue ], [ first; second ] ->
                        Expect.isTrue (isPattern pattern) "isPattern pattern"
                        Expect.sequenceEqual first pattern "first"
                        Expect.sequenceEqual second pattern "second"
                        let kept = cue |> Array.indexed |> Array.filter (fun (_, x) -> x <> 0.0)
                        Expect.equal kept.Length 1 "kept.Length"
                        Expect.equal (snd kept[0]) (pattern[fst kept[0]]) "snd kept[0]"

                        Expect.sequenceEqual
                            ((place.Task.Episodes place.Settings).Weight)
                            [| 0.0; 1.0 |]
                            "(place.Task.Episodes place.Settings).Weight"
                    | _ -> failtest "two steps"))

            testCase
                "targets are the labels last shown with the pattern, and labels are shown only when they are new"
                (fun () ->
                    for task, swaps in [ BohpLabels.oneshot, []; BohpLabels.reversal, [ 10 ] ] do
                        Law.holds task.Name
                        <| Prop.forAll (placesOf [ task ]) (fun place ->
                            let input, target = training place
                            let weight = (task.Episodes place.Settings).Weight
                            let mutable known: (float[] * float[]) list = []

                            for t, (row, label) in List.zip (rows 10 input) (rows 2 target) |> List.indexed do
                                let shown, pattern = Array.take 2 row, Array.skip 2 row
                                Expect.isTrue (isPattern pattern) "isPattern pattern"
                                Expect.sequenceEqual (Array.sort label) [| 0.0; 1.0 |] "Array.sort label"

                                if t < 2 || List.exists (fun swap -> t = swap || t = swap + 1) swaps then
                                    Expect.sequenceEqual shown label "shown"
                                    Expect.equal weight[t] 0.0 "weight[t]"
                                    known <- (pattern, label) :: known
                                else
                                    Expect.sequenceEqual shown [| 0.0; 0.0 |] "shown"
                                    Expect.isTrue (weight[t] > 0.0) "weight[t] > 0.0"

                                    Expect.sequenceEqual
                                        label
                                        (known |> List.find (fst >> (=) pattern) |> snd)
                                        "label"

                            // Two patterns that differ, each at every other step.
                            Expect.equal
                                (known |> List.map fst |> List.distinct |> List.length)
                                2
                                "known |> List.map fst |> List.distinct |> List.length"

                            Expect.equal known.Length (2 + 2 * swaps.Length) "known.Length"

                            Expect.single
                                (weight |> Array.filter (fun w -> w > 0.0) |> Array.distinct)
                                "weight |> Array.filter (fun w -> w > 0.0) |> Array.distinct"
                            |> ignore))

            testCase "patterns are shown in every cycle, and half of one of them at the end" (fun () ->
                Law.holds "patterns"
                <| Prop.forAll (placesOf [ Patterns.task ]) (fun place ->
                    let s = place.Settings
                    let input, target = training place
                    let rows = rows s.Bits input
                    let block = s.Shown + s.Pause
                    let cycles, test = List.splitAt (s.Cycles * s.Patterns * block) rows
                    Expect.equal test.Length s.Shown "test.Length"

                    let shown =
                        [
                            for presentation in List.chunkBySize block cycles do
                                let rows, pause = List.splitAt s.Shown presentation
                                Expect.single (List.distinct rows) "List.distinct rows" |> ignore
                                pause |> Seq.iter (fun row -> Expect.all row (fun x -> x = 0.0) "row")
                                rows.Head |> Array.map (fun x -> x / Patterns.drive)
                        ]

                    Expect.all shown (fun pattern -> isPattern pattern) "shown"

                    for cycle in List.chunkBySize s.Patterns shown do
                        Expect.equal
                            (cycle |> List.map List.ofArray |> set)
                            (shown |> List.take s.Patterns |> List.map List.ofArray |> set)
                            "cycle |> List.map List.ofArray |> set"

                    let asked = Array.take s.Bits target
                    Expect.contains (shown |> List.map List.ofArray) (List.ofArray asked) "List.ofArray asked"

                    (Array.chunkBySize s.Bits target)
                    |> Seq.iter (fun row -> Expect.sequenceEqual row asked "row")

                    let cue = Expect.single (List.distinct test) "List.distinct test"

                    Expect.equal
                        (cue |> Array.filter ((=) 0.0) |> Array.length)
                        (s.Bits / 2)
                        "cue |> Array.filter ((=) 0.0) |> Array.length"

                    Array.iter2
                        (fun c a ->
                            Expect.isTrue (c = 0.0 || c = Patterns.drive * a) "c = 0.0 || c = Patterns.drive * a")
                        cue
                        asked))

            testCase "wrong bits and wrong labels are counted one by one" (fun () ->
                // Two samples of two steps and two outputs; for patterns the last step counts, for labels the weighted ones.
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
                Expect.equal (Patterns.task.Measure.Of(batch, outputs)) 0.25 "Patterns.task.Measure.Of(batch, outputs)"

                Expect.equal
                    (BohpLabels.oneshot.Measure.Of(batch, outputs))
                    0.5
                    "BohpLabels.oneshot.Measure.Of(batch, outputs)")
        ]
