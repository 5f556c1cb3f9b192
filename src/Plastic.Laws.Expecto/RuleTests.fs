namespace Plastic.Laws

open Expecto
open Plastic.Core

/// The laws of rules as Expecto tests.
[<AutoOpen>]
module RuleTests =
    /// One test per law of the rule, in a list with the rule's name, on the cases that the sampling asks for. A test that fails
    /// names law and rule, gives the smallest counterexample found, and says how to replay it.
    let testsWith (sampling: Sampling) (rule: Rule) : Test =
        let test (law: Law) =
            testCase law.Name (fun () ->
                match law.Check sampling with
                | Ok _ -> ()
                | Error broken ->
                    let how =
                        match broken.Replay with
                        | Some replay ->
                            $"\n  check only the first case: PLASTIC_REPLAY={replay}, and --filter-test-case \"{law.Name}\""
                        | None -> ""

                    failtest $"{broken.Message}\n  the law: {law.Summary}{how}")

        testList rule.Name (Laws.ofRule rule |> List.map test)

    /// One test per law of the rule, on the cases that the environment asks for: see Sampling.OfEnvironment.
    let testsOf (rule: Rule) : Test =
        testsWith (Sampling.OfEnvironment()) rule
