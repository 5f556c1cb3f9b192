/// Settings of tasks with images: names of image sets, and the warm-up of an encoder.
module Plastic.Laws.ImageSettingsLaws

open System
open Expecto
open FsCheck.FSharp
open Plastic.Core
open Plastic.Settings
open Plastic.Tasks

[<Tests>]
let tests =
    testList
        "Image settings"
        [
            testCase
                "an image set may have a name exactly where its task joins, and a name that would do may be had"
                (fun () ->
                    let names =
                        gen {
                            let! length = Gen.elements [ 1; 3; 55; 56; 57; 64 ]

                            let! letters =
                                Gen.listOfLength
                                    length
                                    (Gen.frequency
                                        [
                                            60, Gen.elements [ 'a'; 'Z'; '7'; '_' ]
                                            1, Gen.elements [ '-'; '.'; ' '; '/'; 'é'; '٣' ]
                                        ])

                            return String(Array.ofList letters)
                        }

                    let joins (name: string) =
                        let task =
                            { FewShotTask.Known.Head with
                                Name = FewShotTask.Prefix + name
                            }

                        try
                            Joining.Task(Library.BuiltIn, task, CodeFile.OfData(name, name, "")) |> ignore
                            true
                        with :? CodeException ->
                            false

                    let would (fault: string) =
                        let hint = fault.Split("; ")[1]
                        hint.Substring(0, hint.Length - " would do".Length)

                    Law.holdsOften
                        200
                        "names of image sets"
                        [ "a name", 0.2; "no name", 0.2 ]
                        (Arb.fromGen names)
                        (fun tally name ->
                            let fault = ImageSetName.Fault name
                            tally.Note("a name", isNull fault)
                            tally.Note("no name", not (isNull fault))
                            Expect.equal (joins name) (isNull fault) name

                            match fault with
                            | null -> ()
                            | fault -> Expect.isNull (ImageSetName.Fault(would fault)) fault)

                    Expect.isNotNull (ImageSetName.Fault "") "no letters")
            testCase "an encoder is warmed up only where a step is an image and its label" (fun () ->
                let side = 16

                let faults others loss warmup =
                    let inputs = 3 * side * side + others

                    let episodes =
                        Episodes(inputs, 5, 4, (fun _ -> 0.25), EpisodeWriter(fun _ _ _ -> ())).WithImages side

                    let task =
                        { Task.Create("pictures", "made up", loss, inputs, 5, 4, 1.0, (fun _ _ _ _ -> ())) with
                            Episodes = fun _ -> episodes
                        }

                    RunNetwork.encoderFaults
                        { RunSettings.Default with
                            Library = Joining.Task(Library.BuiltIn, task, CodeFile.OfData("pictures", "pictures", ""))
                            Task = task.Name
                            Encoder = ValueSome Plastic.Core.Conv4
                            EncoderWarmup = warmup
                        }
                    |> List.map _.Message

                Expect.isEmpty (faults 5 CrossEntropy 1) "labels"
                Expect.isEmpty (faults 7 MeanSquaredError 0) "no warm-up"

                for others, loss in [ 7, CrossEntropy; 5, MeanSquaredError ] do
                    let fault = Expect.single (faults others loss 1) "one fault"
                    Expect.stringContains fault "encoder_warmup must be 0" "fault")
        ]
