/// Kernels on an OpenCL device compute what the float64 interpreter computes, for any step.
module Plastic.Laws.DeviceLaws

open Expecto
open Plastic.Engine

/// The first device, or none.
let private opened =
    lazy
        (try
            if Devices.All() |> Seq.exists (fun device -> device.Name = "opencl:0") then
                Some(Devices.Open "opencl")
            else
                None
         with :? DeviceException ->
             None)

[<Tests>]
let tests =
    testList
        "Devices"
        [
            testCase "kernels give the reference's values and gradients for any step" (fun () ->
                match opened.Value with
                | None -> skiptest "there is no OpenCL device (in Debian: pocl-opencl-icd)"
                | Some device ->
                    Law.holdsOften
                        8
                        "kernels against reference, any step"
                        [ "float32 is precise enough", 0.5 ]
                        Steps.any
                        (fun tally case ->
                            let program, parameters, batch = Steps.setUp case
                            let source = EpisodeSource(program, 48L <<< 10)
                            use executor = new GpuExecutor(device, source, [| "POISONED" |])

                            tally.Note(
                                "float32 is precise enough",
                                Executors.isReferenceIn executor 1.0 parameters batch
                            )))
        ]
