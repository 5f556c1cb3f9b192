/// Shared by the tasks with ±1 patterns.
module internal Plastic.Tasks.Bits

open Plastic.Core

/// A random pattern: +1 or −1 with equal chance, [size].
let pattern (stream: RandomStream) size =
    Array.init size (fun _ -> if stream.Below 2 = 0 then -1.0 else 1.0)

/// A random pattern that differs from the given one.
let rec other (stream: RandomStream) (first: float[]) =
    let second = pattern stream first.Length
    if second = first then other stream first else second

/// The network and training that the tasks of Miconi 2016 share; learning and network differ from task to task.
let published: (string * string) list =
    [
        "rule", "bohp"
        "extra", "0"
        "modulation", "false"
        "init_sd", "0.1"
        "batch", "1"
        "optimiser", "rmsprop"
        "beta2", "0.99"
        "max_grad_norm", "none"
        "freeze_last", "500"
    ]

/// The fraction of bits with the wrong sign at the last step.
let wrongSigns =
    Measure(
        "wrong bits",
        fun batch outputs ->
            let width = batch.Outputs
            let mutable wrong = 0

            for sample in 0 .. batch.Size - 1 do
                let row = (sample * batch.Steps + batch.Steps - 1) * width

                for k in row .. row + width - 1 do
                    if not (outputs[k] * batch.Target[k] > 0.0) then
                        wrong <- wrong + 1

            float wrong / float (batch.Size * width)
    )
