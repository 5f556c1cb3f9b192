/// A Program means what its step means: its gradient against two other ways to get it.
module Plastic.Laws.ProgramLaws

open Expecto
open FsCheck.FSharp
open Plastic.Core

let private isFeedforward (case: NetworkCase) =
    case.Options.Cell = SingleLayer || case.Options.Cell = TwoLayer

[<Tests>]
let tests =
    testList
        "Program"
        [
            testCase "a network's loss and gradient are those of its whole episode as one expression" (fun () ->
                let unclamped (o: NetworkOptions) =
                    o.With(Descent.weightBound, infinity).With(HebbianTrace.bound, infinity)

                let short =
                    Networks.small |> Networks.where unclamped |> Arb.filter (fun c -> c.Steps <= 4)

                let holds count expected cases =
                    Law.holdsOften count "networks against Unroll" expected cases (fun tally case ->
                        tally.Note("the norm is clipped", Networks.isNormClipped case)
                        tally.Note("weights are frozen", case.Options.FrozenWeights)
                        tally.Note("nothing recurs", isFeedforward case)
                        GradientLaws.isUnrolled (Networks.network case).Step (Networks.setUp case))

                holds 25 [ "weights are frozen", 0.05; "nothing recurs", 0.1 ] short
                holds 25 [ "the norm is clipped", 0.15 ] (Networks.directed short))

            testCase "any step's loss and gradient are those of its whole episode as one expression" (fun () ->
                Law.holdsFor 100 "steps against Unroll"
                <| Prop.forAll Steps.free (fun case -> GradientLaws.isUnrolled (Steps.step case) (Steps.setUp case)))

            testCase "a network's gradient agrees with central differences, clamped fast weights included" (fun () ->
                let holds count expected cases =
                    Law.holdsOften
                        count
                        "networks against differences"
                        (("no kink is near", 0.7) :: expected)
                        cases
                        (fun tally case ->
                            let program, parameters, batch = Networks.setUp case
                            tally.Note("no kink is near", GradientLaws.isSlope case program)
                            let episode = Interpreter.run program parameters batch false
                            tally.Note("a fast weight is clamped", Networks.isWeightClipped case episode)

                            tally.Note("the norm is clipped", Networks.isNormClipped case))

                holds 40 [ "a fast weight is clamped", 0.1 ] Networks.small
                holds 25 [ "the norm is clipped", 0.15 ] (Networks.directed Networks.small))
        ]
