module OwnRule.Program

open Expecto
open Plastic.Laws

[<EntryPoint>]
let main arguments =
    runTestsWithCLIArgs [] arguments (testsOf OwnRule.Centred.rule)
