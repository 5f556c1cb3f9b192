module internal Plastic.Laws.Program

open Expecto

/// Runs the tests selected by Expecto's arguments (`--help` lists them). Exit code 1 when a test failed, 64 when PLASTIC_REPLAY
/// names no case.
[<EntryPoint>]
let main arguments =
    match Sampling.OfEnvironment() with
    | Ok _ -> runTestsInAssemblyWithCLIArgs [] arguments
    | Error fault ->
        eprintfn $"{fault}"
        64
