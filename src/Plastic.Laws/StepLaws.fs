namespace Plastic.Laws

open FsCheck.FSharp
open Plastic.Core

/// Laws of the expressions that a rule adds to one step.
[<RequireQualifiedAccess>]
module internal StepLaws =
    let shapes (rule: Rule) =
        RuleLaw.always
            rule
            "shapes"
            "In each layer's update, the pairs p [n] and q [m] fit the synapse, keep has length 1 or m, and rate has length 1; the network reads each parameter that the rule declares, and no two parameters share a name."
            30
            (Networks.ofRule rule)
            (fun case ->
                let step = (Networks.network case).Step

                try
                    StepShapes.require step
                with :? ShapeException as mismatch ->
                    raise (NotClose $"a layer's update does not fit its synapse: {mismatch.Message}")

                let names = step.Parameters |> List.map _.Name

                match names |> List.countBy id |> List.tryFind (fun (_, count) -> count > 1) with
                | Some(name, count) -> raise (NotClose $"{count} parameters are named {name}")
                | None -> ()

                let program = Lowering.program step

                for p in case.Options.Rule.Parameters case.Options.RuleValues do
                    if
                        not (
                            program.Vectors
                            |> Array.exists (fun v -> program.Parameters[v.Parameter].Name = p.Name)
                        )
                    then
                        raise (NotClose $"nothing reads the rule's parameter {p.Name}"))

    /// Whether the rule reads the rates p_lr and p_wd.
    let readsRates (rule: Rule) =
        [ Descent.learningRate.Name; Descent.weightDecay.Name ]
        |> List.forall (fun name -> rule.Settings |> List.exists (fun setting -> setting.Name = name))

    /// Of a rule that reads p_lr and p_wd.
    let still (rule: Rule) =
        RuleLaw.always
            rule
            "no learning"
            "With p_lr = 0 and p_wd = 0 no fast weight changes: F stays at zero over an episode, and each step keeps all of F and adds nothing."
            20
            (Networks.ofRule rule
             |> Networks.recurrent
             |> Networks.where (fun o -> o.With(Descent.learningRate, 0.0).With(Descent.weightDecay, 0.0)))
            (fun case ->
                for name, values in Episodes.ofCase case |> List.filter (fst >> Episodes.isFast) do
                    if Close.largest values > 0.0 then
                        raise (NotClose $"{name} is {Close.largest values:R} and not 0")

                let step, given = Point.ofStep case

                for s in step.Synapses do
                    match s.Update with
                    | None -> raise (NotClose $"layer {s.Matrix.Name} does not learn")
                    | Some update ->
                        let keep, rate = Evaluate.one given update.Keep, Evaluate.one given update.Rate

                        if Array.exists ((<>) 1.0) keep || rate <> [| 0.0 |] then
                            raise (NotClose $"layer {s.Matrix.Name} keeps {keep} and adds at rate {rate}"))

    let firstStep (rule: Rule) =
        RuleLaw.always
            rule
            "first step"
            "Fast weights are zero at the start of an episode, so at the first step the network computes the same as without plasticity."
            30
            (Networks.ofRule rule)
            (fun case ->
                let case = { case with Steps = 1 }

                let plain =
                    { case with
                        NetworkCase.Options.Rule = Rules.None.rule
                    }

                let shared (case: NetworkCase) =
                    let episode = Networks.run case false

                    [
                        "sample loss", episode.SampleLoss
                        for name in [ "output"; "innerLoss" ] do
                            name, episode.Outputs[name]
                    ]

                Episodes.agree Float64.derived (shared plain) (shared case))
