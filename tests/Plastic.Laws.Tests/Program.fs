module internal Plastic.Laws.Program

open Expecto

/// Runs the tests that Expecto's arguments ask for (`--help` lists them). Exit code 1 when a test failed.
[<EntryPoint>]
let main arguments =
    runTestsInAssemblyWithCLIArgs [] arguments
