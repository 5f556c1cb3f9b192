module internal Plastic.Laws.Program

open Expecto

/// Runs the tests selected by Expecto's arguments (`--help` lists them). Exit code 1 when a test failed.
[<EntryPoint>]
let main arguments =
    runTestsInAssemblyWithCLIArgs [] arguments
