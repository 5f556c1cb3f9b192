/// The gradient check passes on everything, and would notice if something were wrong.
module Plastic.Laws.GradcheckLaws

open System
open Expecto
open FSharp.Reflection
open Plastic.Core

/// Computed once, for it takes seconds.
let private all = lazy List.ofSeq (GradcheckCases.all 0L)

let private x = Expr.input "x" 4

let private claim order tag root derivative =
    Gradcheck.claims 0L "laws" "claim" order tag root [ Variable.Vector [ x ], derivative ]
    |> List.exactlyOne

/// The direction that a check draws for x.
let private direction tag = Expr.input $"{tag} of x" 4

/// For each variant the rules whose step it changes.
let private changes =
    let all = Registry.rules |> List.map _.Name
    let plastic = Registry.rules |> List.filter _.IsPlastic |> List.map _.Name

    [
        "alpha Fixed", plastic
        "alpha Shared",
        plastic
        |> List.filter (fun name -> name <> "neuromodulated" && name <> "retroactive")
        "train_gamma true", [ "bohp" ]
        "trace_clip none", [ "neuromodulated"; "retroactive" ]
        "trace_clip tight", [ "neuromodulated"; "retroactive" ]
        "weight_clip tight", [ "gradient"; "hebbian" ]
        "clip tight", [ "gradient"; "hebbian" ]
        "squared error", all
        "cross-entropy", all
        "no biases", all
    ]

// They share a value that takes long to compute: one of them computes it, and none waits for it.
[<Tests>]
let tests =
    testSequencedGroup "gradcheck"
    <| testList
        "Gradcheck"
        [
            testCase "every derivative of every operation, rule, cell and option passes, and few are zero" (fun () ->
                let checks = all.Value
                let failed = checks |> List.filter (fun check -> not check.Passed)
                Expect.isTrue failed.IsEmpty $"%A{List.truncate 3 failed}"

                // One rule alone reads the inner loss; by its scale the others' derivatives are zero.
                let matters (check: Check) =
                    check.Group.Contains "gradient" || not (check.Name.EndsWith "inner_loss.scale")

                for group, members in
                    checks
                    |> List.filter matters
                    |> List.groupBy (fun check -> check.Group, check.Order) do
                    // A derivative of zero would fail the check.
                    let telling =
                        members |> List.filter (fun check -> abs check.Difference > 10.0 * check.Bound)
                    // Hebb's rule teaches biases nothing, so in its episodes the rates of biases have zero derivatives.
                    Expect.isTrue
                        (telling.Length * 10 >= members.Length * 6)
                        $"{group}: {telling.Length} of {members.Length} telling")

            testCase "every operation is checked, first and second order" (fun () ->
                let names = GradcheckCases.operations |> List.map fst

                let expected =
                    [
                        for kind in [ typeof<Unary>; typeof<Binary>; typeof<Operation<int, int>>; typeof<Node> ] do
                            for case in FSharpType.GetUnionCases(kind, true) do
                                match case.Name with
                                // Leaves, and those that stand for their own cases.
                                | "Input"
                                | "Parameter"
                                | "Constant"
                                | "Computed"
                                | "Map"
                                | "Zip" -> ()
                                | name -> name
                    ]

                Expect.equal
                    (expected |> List.filter (fun name -> not (List.contains name names)))
                    []
                    "expected |> List.filter (fun name -> not (List.contains name names))")

            testCase "every rule is checked with every cell, in a step, in an episode, and as executed" (fun () ->
                let groups = all.Value |> List.map _.Group |> List.distinct

                for rule in Registry.rules do
                    for cell in [ "RNN"; "LSTM"; "single"; "double"; "attractor" ] do
                        for part in [ "step"; "episode"; "executed episode" ] do
                            Expect.contains groups $"{part}, {rule.Name} × {cell}" "$'{part}, {rule.Name} × {cell}'")

            testCase "a right derivative passes and wrong ones fail, first order" (fun () ->
                let root = Expr.dot x (Expr.square x)
                let along = Expr.dot (3.0 * Expr.square x) (direction "first")
                Expect.isTrue ((claim 1 "first" root along).Passed) "(claim 1 'first' root along).Passed"

                Expect.isFalse
                    ((claim 1 "first" root (1.0001 * along)).Passed)
                    "(claim 1 'first' root (1.0001 * along)).Passed"

                Expect.isFalse ((claim 1 "first" root (-along)).Passed) "(claim 1 'first' root (-along)).Passed"

                Expect.isFalse
                    ((claim 1 "first" root (along + 1e-3)).Passed)
                    "(claim 1 'first' root (along + 1e-3)).Passed"

                Expect.isFalse
                    ((claim 1 "first" root (Expr.scalar 0.0)).Passed)
                    "(claim 1 'first' root (Expr.scalar 0.0)).Passed"

                Expect.isFalse
                    ((claim 1 "first" root (Expr.scalar nan)).Passed)
                    "(claim 1 'first' root (Expr.scalar nan)).Passed")

            testCase "a right derivative passes and wrong ones fail, second order" (fun () ->
                let along = Expr.dot (3.0 * Expr.square x) (direction "first")
                let twice = Expr.dot (6.0 * x * direction "first") (direction "second")
                Expect.isTrue ((claim 2 "second" along twice).Passed) "(claim 2 'second' along twice).Passed"

                Expect.isFalse
                    ((claim 2 "second" along (1.0001 * twice)).Passed)
                    "(claim 2 'second' along (1.0001 * twice)).Passed"
                // The symmetric slip: differentiating one factor of the two.
                Expect.isFalse
                    ((claim 2 "second" along (0.5 * twice)).Passed)
                    "(claim 2 'second' along (0.5 * twice)).Passed")

            testCase
                "a kink near the point does not fail a right derivative, and a wrong one fails beside it"
                (fun () ->
                    let f at = max 0.0 (at + 4e-6)

                    Expect.isTrue
                        ((Gradcheck.compare "laws" "kink" 1 f 1.0).Passed)
                        "(Gradcheck.compare 'laws' 'kink' 1 f 1.0).Passed"

                    Expect.isFalse
                        ((Gradcheck.compare "laws" "kink" 1 f 0.99).Passed)
                        "(Gradcheck.compare 'laws' 'kink' 1 f 0.99).Passed")

            testCase "seeds decide points and directions" (fun () ->
                let differences seed =
                    Gradcheck.expression seed "laws" "seed" (Gradcheck.variables [ x ]) (Expr.dot x (Expr.tanh x))
                    |> List.map _.Difference

                Expect.equal (differences 3L) (differences 3L) "differences 3L"
                Expect.notEqual (differences 4L) (differences 3L) "differences 4L")

            testCase "the options that are checked take effect" (fun () ->
                let options name =
                    GradcheckCases.variants Registry.settings |> List.find (fst >> (=) name) |> snd

                let networkOf rule name =
                    Network.create { options name with Rule = rule }

                for rule in Registry.rules do
                    if rule.LearnsBiases then
                        let o = options "published"

                        let program name =
                            Lowering.program (networkOf rule name).Step

                        let steps = 3
                        let numbers = RandomStream(Philox.key 0L "laws", 0L, 0)

                        let draw size =
                            Array.init size (fun _ -> numbers.Normal())

                        let batch =
                            Batch(
                                o.Batch,
                                steps,
                                o.Inputs,
                                o.Outputs,
                                draw (o.Batch * steps * o.Inputs),
                                draw (o.Batch * steps * o.Outputs),
                                Array.create steps (1.0 / float steps)
                            )

                        let fast name =
                            let program = program name
                            let parameters = Initialise.all 0L program.Parameters
                            let episode = Interpreter.run program parameters batch false
                            Seq.concat episode.FastWeights.Values |> Seq.map abs |> Seq.max

                        Expect.isTrue (fast "clip tight" < 0.9 * fast "clip none") "norm"
                        let bound = (options "weight_clip tight").Value Descent.weightBound
                        Expect.equal (fast "weight_clip tight") bound "fast 'weight_clip tight'"
                        Expect.isTrue (bound < fast "clip none" && not (Double.IsInfinity bound)) "weights")

            testCase "each variant changes the Program of the rules that read it" (fun () ->
                let program (rule: string) options =
                    let options =
                        { options with
                            Rule = (Registry.tryFind rule).Value
                        }

                    Lowering.program (Network.create options).Step

                let variants = Map.ofList (GradcheckCases.variants Registry.settings)

                for variant, rules in changes do
                    for rule in rules do
                        Expect.isFalse
                            (program rule variants["published"] = program rule variants[variant])
                            $"{variant}, {rule}"

                for rule in [ "neuromodulated"; "retroactive" ] do
                    // And a bound on traces is met, with α = 1 by F itself.
                    let options =
                        { variants["trace_clip tight"] with
                            Rule = (Registry.tryFind rule).Value
                            Alpha = AlphaMode.Fixed
                        }

                    let program = Lowering.program (Network.create options).Step
                    let numbers = RandomStream(Philox.key 0L "laws", 0L, 0)

                    let draw size =
                        Array.init size (fun _ -> 3.0 * numbers.Normal())

                    let steps = 8

                    let batch =
                        Batch(
                            options.Batch,
                            steps,
                            options.Inputs,
                            options.Outputs,
                            draw (options.Batch * steps * options.Inputs),
                            draw (options.Batch * steps * options.Outputs),
                            Array.create steps 1.0
                        )

                    let episode =
                        Interpreter.run program (Initialise.all 0L program.Parameters) batch false

                    Expect.equal
                        (Seq.concat episode.FastWeights.Values |> Seq.map abs |> Seq.max)
                        (options.Value HebbianTrace.bound)
                        "Seq.concat episode.FastWeights.Values |> Seq.map abs |> Seq.max")

            testCase "the closed-form gradients through a Hebbian trace are those that Diff derives" (fun () ->
                for seed in [ 0L; 1L; 2L ] do
                    let checks = Analytic.all seed |> List.ofSeq
                    let failed = checks |> List.filter (fun check -> not check.Passed)
                    Expect.isTrue failed.IsEmpty $"seed {seed}: %A{List.truncate 3 failed}"

                    // w, α and b of ten layers, by two derivations; and gradients worth comparing.
                    Expect.equal checks.Length 60 "checks.Length"

                    Expect.isTrue
                        (checks |> List.filter (fun check -> check.Difference > 0.1) |> List.length >= 40)
                        "checks |> List.filter (fun check -> check.Difference > 0.1) |> List.length >= 40")
        ]
