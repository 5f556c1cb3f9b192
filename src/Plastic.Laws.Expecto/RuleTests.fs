namespace Plastic.Laws

open Expecto
open Plastic.Core

/// The laws of rules as Expecto tests.
[<AutoOpen>]
module RuleTests =
    /// What a test says of a law that does not hold.
    let internal failure (law: Law) (broken: Broken) : string =
        let how =
            match broken.Replay with
            | Some replay ->
                $"\n  check only the first case: PLASTIC_REPLAY={replay}, and --filter-test-case \"{law.Name}\""
            | None -> ""

        $"{broken.Message}\n  the law: {law.Summary}{how}"

    /// One test per law of the rule. Without a sampling every test fails, and says what is wrong with it.
    let internal testsGiven (sampling: Result<Sampling, string>) (rule: Rule) : Test =
        let test (law: Law) =
            testCase law.Name (fun () ->
                match sampling |> Result.map law.Check with
                | Ok(Ok _) -> ()
                | Ok(Error broken) -> failtest (failure law broken)
                | Error fault -> failtest fault)

        testList rule.Name (Laws.ofRule rule |> List.map test)

    /// One test per law of the rule, in a list with the rule's name, on the cases that the sampling asks for. A test that fails
    /// names law and rule, gives the smallest counterexample found, and says how to replay it.
    let testsWith (sampling: Sampling) (rule: Rule) : Test = testsGiven (Ok sampling) rule

    /// One test per law of the rule, on the cases that the environment asks for: see Sampling.OfEnvironment. Where that is an
    /// error, every test fails with it.
    let testsOf (rule: Rule) : Test =
        testsGiven (Sampling.OfEnvironment()) rule
