namespace Plastic.Laws

open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine

/// The engine agrees with the interpreter, and gives the same bits however it is run.
[<RequireQualifiedAccess>]
module internal ExecutorLaws =
    /// The cases with batches of 1 to 40, from fewer samples than one group to several shards, and episodes of 1 to 14 steps.
    let sized (cases: Arbitrary<NetworkCase>) =
        Arb.fromGenShrink (
            gen {
                let! case = cases.Generator
                let! count = Gen.frequency [ 3, Gen.choose (1, 9); 1, Gen.choose (10, 40) ]
                let! steps = Gen.frequency [ 3, Gen.constant case.Steps; 1, Gen.choose (7, 14) ]

                return
                    { case with
                        NetworkCase.Options.Batch = count
                        Steps = steps
                    }
            },
            cases.Shrinker
        )

    let reference (rule: Rule) =
        RuleLaw.often
            rule
            "engine"
            "The float32 engine agrees with the float64 interpreter on values and gradients, except in cases that are too sensitive to rounding."
            20
            [ "float32 is precise enough", 0.75 ]
            (sized (Networks.ofRule rule))
            (fun tally case ->
                let program, parameters, batch = Networks.setUp case

                tally.Note(
                    "float32 is precise enough",
                    Executors.isReference 0.0 (Executors.longestChunk case.Seed) program parameters batch
                ))

    /// Fails unless 1, 2 and 3 threads, and a second run after another batch, give the same bits.
    let isDeterministic (case: NetworkCase) =
        let program, parameters, batch = Networks.setUp case
        let parameters = Executors.narrow parameters

        let other =
            Networks.batch
                { case with
                    Seed = case.Seed + 1
                    Steps = case.Steps + 5
                }

        let results =
            [
                for threads in [ 1; 2; 3 ] do
                    use executor = new CpuExecutor(program, threads)
                    yield $"{threads} threads", Executors.gradient executor parameters batch
                    // Another batch in between must leave no trace.
                    Executors.gradient executor parameters other |> ignore
                    yield $"{threads} threads, a second time", Executors.gradient executor parameters batch
            ]

        for what, found in results.Tail do
            Executors.sameBits what (snd results.Head) found

    let threads (rule: Rule) =
        RuleLaw.always
            rule
            "threads"
            "One, two and three threads of the engine, and a second run, give the same bits."
            5
            (sized (Networks.ofRule rule))
            isDeterministic
