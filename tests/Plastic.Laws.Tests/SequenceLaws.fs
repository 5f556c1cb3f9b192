/// The laws of sequence reproduction.
module Plastic.Laws.SequenceLaws

open Expecto
open FsCheck.FSharp
open Plastic.Laws.TaskLaws
open Plastic.Tasks

[<Tests>]
let tests =
    testList
        "Sequence"
        [
            testCase
                "n elements are shown with a flag, then nothing, then the same are asked for with another"
                (fun () ->
                    Law.holds "sequence"
                    <| Prop.forAll (placesOf [ SeqReproduction.task ]) (fun place ->
                        let input, target = training place
                        let n, delay = place.Settings.SequenceLength, place.Settings.Delay
                        let rows = input |> Array.chunkBySize 3
                        Expect.equal rows.Length (2 * n + delay) "rows.Length"
                        let shown, rest = rows |> Array.splitAt n
                        let still, asked = rest |> Array.splitAt delay

                        shown
                        |> Seq.iter (fun row ->
                            Expect.inRange row[0] (-1.0) 1.0 "row[0]"
                            Expect.sequenceEqual row[1..] [| 1.0; 0.0 |] "row[1..]")

                        still
                        |> Seq.iter (fun row -> Expect.sequenceEqual row [| 0.0; 0.0; 0.0 |] "row")

                        asked
                        |> Seq.iter (fun row -> Expect.sequenceEqual row [| 0.0; 0.0; 1.0 |] "row")

                        Expect.sequenceEqual
                            target
                            (Array.append (Array.zeroCreate (n + delay)) (shown |> Array.map Array.head))
                            "target"))

            testCase "only the last n steps count, all equally" (fun () ->
                Law.holds "sequence weights"
                <| Prop.forAll (placesOf [ SeqReproduction.task ]) (fun place ->
                    let n, delay = place.Settings.SequenceLength, place.Settings.Delay
                    let weight = (place.Task.Episodes place.Settings).Weight

                    Expect.sequenceEqual
                        weight
                        (Array.append (Array.zeroCreate (n + delay)) (Array.create n (1.0 / float n)))
                        "weight"))

            testCase "elements are uniform on −1 to 1" (fun () ->
                let batch =
                    (SeqReproduction.task.Episodes EpisodeSettings.Default)
                        .Batch(SeqReproduction.task.TestKey, 0L, 1000)

                let elements =
                    batch.Input
                    |> Array.chunkBySize 3
                    |> Array.filter (fun row -> row[1] = 1.0)
                    |> Array.map Array.head

                Expect.equal elements.Length 20000 "elements.Length"

                let moment power =
                    elements |> Array.averageBy (fun x -> x ** power)
                // Means of 20,000: standard errors 0.004 and 0.002.
                Expect.inRange (moment 1.0) (-0.02) 0.02 "moment 1.0"
                Expect.inRange (moment 2.0) (1.0 / 3.0 - 0.01) (1.0 / 3.0 + 0.01) "moment 2.0"
                Expect.inRange (moment 4.0) (0.2 - 0.01) (0.2 + 0.01) "moment 4.0")
        ]
