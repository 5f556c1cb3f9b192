namespace Plastic.Laws

open FsCheck.FSharp
open Plastic.Core

/// Laws of the expressions that a rule adds to one step.
[<RequireQualifiedAccess>]
module internal StepLaws =
    /// Fails unless an update has the sizes of its synapse.
    let private fits (s: Synapse) (update: Update) =
        let ask what expected found =
            if not (List.contains found expected) then
                raise (NotClose $"{what} of layer {s.Matrix.Name}: length {found}, expected one of {expected}")

        let n, m = s.Matrix.Rows, s.Matrix.Columns
        ask "keep" [ 1; m ] update.Keep.Length
        ask "rate" [ 1 ] update.Rate.Length

        for k, (p, q) in List.indexed update.Pairs do
            ask $"p of pair {k}" [ n ] p.Length
            ask $"q of pair {k}" [ m ] q.Length

        match update.Eligibility with
        | Some e ->
            ask "the eligibility's keep" [ 1 ] e.Keep.Length
            ask "the eligibility's rate" [ 1 ] e.Rate.Length
        | None -> ()

    let shapes (rule: Rule) =
        RuleLaw.always
            rule
            "shapes"
            "Each layer's update has pairs p [n] and q [m] of its synapse, a keep of 1 or m, a rate of 1; each parameter that the rule declares is part of the network, once."
            30
            (Networks.ofRule rule)
            (fun case ->
                let step = (Networks.network case).Step

                for s in step.Synapses do
                    Option.iter (fits s) s.Update

                let names = step.Parameters |> List.map _.Name

                match names |> List.countBy id |> List.tryFind (fun (_, count) -> count > 1) with
                | Some(name, count) -> raise (NotClose $"{count} parameters are named {name}")
                | None -> ()

                let program = Lowering.program step

                for p in step.Parameters do
                    if not (program.Parameters |> Array.exists (fun q -> q.Name = p.Name)) then
                        raise (NotClose $"parameter {p.Name} is not part of the Program"))

    /// Whether the rule reads the rates p_lr and p_wd.
    let readsRates (rule: Rule) =
        [ Descent.learningRate.Name; Descent.weightDecay.Name ]
        |> List.forall (fun name -> rule.Settings |> List.exists (fun setting -> setting.Name = name))

    /// Of a rule that reads p_lr and p_wd.
    let still (rule: Rule) =
        RuleLaw.always
            rule
            "no learning"
            "With p_lr = 0 and p_wd = 0 every fast weight stays as it is: at zero in an episode, and each step keeps all and adds nothing."
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
                    | None -> ()
                    | Some update ->
                        let keep, rate = Evaluate.one given update.Keep, Evaluate.one given update.Rate

                        if Array.exists ((<>) 1.0) keep || rate <> [| 0.0 |] then
                            raise (NotClose $"layer {s.Matrix.Name} keeps {keep} and adds at rate {rate}"))

    let firstStep (rule: Rule) =
        RuleLaw.always
            rule
            "first step"
            "Fast weights are zero at the start of an episode: at the first step the network computes the same as the one without plasticity."
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
