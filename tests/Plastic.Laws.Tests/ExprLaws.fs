/// Building expressions: shapes are checked, and what the builders leave out does not change the value.
module Plastic.Laws.ExprLaws

open System.Collections.Generic
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core

let private vector n = Expr.input "x" n

/// Each builder with operands that do not fit: operation, what is expected, what came, and the mistake.
let private mistakes: (string * string * string * (unit -> Expr)) list =
    let m = { Name = "m"; Rows = 2; Columns = 3 }

    [
        "input", "a length of at least 1", "0", (fun () -> Expr.input "x" 0)
        "parameter", "a length of at least 1", "-1", (fun () -> Expr.parameter "x" -1)
        "constant", "a length of at least 1", "0", (fun () -> Expr.constant 0 1.0)
        "Add", "operands of equal length", "2 and 3", (fun () -> vector 2 + vector 3)
        "Div", "operands of equal length", "1 and 3", (fun () -> vector 1 / vector 3)
        "Max", "operands of equal length", "3 and 1", (fun () -> Expr.max (vector 3) (vector 1))
        "dot", "operands of equal length", "2 and 3", (fun () -> Expr.dot (vector 2) (vector 3))
        "broadcast", "a scalar", "length 2", (fun () -> Expr.broadcast 4 (vector 2))
        "broadcast", "a length of at least 1", "0", (fun () -> Expr.broadcast 0 (vector 1))
        "slice", "a range within 0..2", "start 2, length 2", (fun () -> Expr.slice 2 2 (vector 3))
        "slice", "a range within 0..2", "start -1, length 1", (fun () -> Expr.slice -1 1 (vector 3))
        "slice", "a range within 0..2", "start 0, length 0", (fun () -> Expr.slice 0 0 (vector 3))
        "concat", "at least one piece", "none", (fun () -> Expr.concat [])
        "apply m", "length 2", "3", (fun () -> Expr.apply m (vector 3))
        "applyT m", "length 3", "2", (fun () -> Expr.applyT m (vector 2))
        "vjp", "a cotangent of length 2", "3", (fun () -> (Diff.vjp [ vector 2, vector 3 ] [] []).Of(vector 2))
        "grad", "a scalar function", "length 2", (fun () -> Diff.grad id (vector 2))
    ]

/// A number as a leaf that no builder can see through.
let private opaque (c: float) = Expr.input $"number {c}" Sketch.length

let private withNumbers (bindings: Bindings) =
    let vectors = Dictionary<string, float[]>(bindings.Vectors)

    for c in [ 0.0; 1.0; -1.0; 0.5; 2.0 ] do
        vectors[$"number {c}"] <- Array.create Sketch.length c

    { bindings with Vectors = vectors }

[<Tests>]
let tests =
    testList
        "Expr"
        [
            for operation, expected, actual, mistake in mistakes do
                testCase
                    $"a shape mistake names the operation, what was expected and what came: {operation}, {actual}"
                    (fun () ->
                        let raised = Expect.raises<ShapeException>(fun () -> mistake () |> ignore)
                        Expect.equal raised.Operation operation "raised.Operation"
                        Expect.equal raised.Message $"{operation}: expected {expected}, got {actual}" "raised.Message")

            testCase "an expression has the value of what it was built from" (fun () ->
                Law.holdsFor 500 "value of an expression"
                <| Prop.forAll Given.sketches (fun (sketch, seed) ->
                    let expected = Sketch.value (Given.matrix seed) (Given.values seed) sketch
                    let found = Evaluate.one (Given.bindings seed) (Given.expression sketch)
                    Close.arrays Float64.reordered "value" expected found))

            testCase "what builders leave out on constants changes neither values nor derivatives" (fun () ->
                Law.holdsOften
                    400
                    "simplification"
                    [ "something was left out", 0.2 ]
                    Given.sketches
                    (fun tally (sketch, seed) ->
                        let bindings = withNumbers (Given.bindings seed)
                        let u = Expr.constant Sketch.length 1.0 * Expr.input "x0" Sketch.length

                        let everything number =
                            let y = Sketch.build number Given.leaves sketch
                            let bars = Diff.vjp [ y, u ] Given.leaves []
                            y :: (Given.leaves |> List.map bars.Of)

                        let plain, hidden = everything Given.constant, everything opaque
                        let count roots = Expr.inOrder roots |> List.length
                        tally.Note("something was left out", count plain < count hidden)

                        List.zip (Evaluate.many bindings hidden) (Evaluate.many bindings plain)
                        |> List.iter (fun (expected, found) -> Close.arrays Float64.reordered "value" expected found)))

            testCase
                "a slice of a slice, of a concatenation and of a repeated scalar reads the elements it names"
                (fun () ->
                    let pieces =
                        [
                            Expr.input "x0" 3
                            Expr.input "x1" 3
                            Expr.broadcast 2 (Expr.input "s" 1)
                            Expr.constant 2 7.0
                        ]

                    let ranges =
                        gen {
                            let! start = Gen.choose (0, 9)
                            let! length = Gen.choose (1, 10 - start)
                            let! within = Gen.choose (0, length - 1)
                            let! width = Gen.choose (1, length - within)
                            return start, length, within, width
                        }

                    Law.holdsFor 300 "slices"
                    <| Prop.forAll (Arb.fromGen ranges) (fun (start, length, within, width) ->
                        let given = [| 1.0 .. 6.0 |]

                        let bindings =
                            {
                                Vectors = dict [ "x0", given[..2]; "x1", given[3..]; "s", [| -1.0 |] ] |> Dictionary
                                Matrices = Dictionary()
                            }

                        let whole = [| yield! given; -1.0; -1.0; 7.0; 7.0 |]
                        let slice = Expr.concat pieces |> Expr.slice start length |> Expr.slice within width

                        Expect.sequenceEqual
                            (Evaluate.one bindings slice)
                            (Array.sub whole (start + within) width)
                            "Evaluate.one bindings slice"))

            testCase "operands come before their users, and each node once" (fun () ->
                Law.holds "order"
                <| Prop.forAll Given.sketches (fun (sketch, _) ->
                    let y = Given.expression sketch
                    let bars = Diff.vjp [ y, Expr.constant y.Length 1.0 ] Given.leaves []
                    let order = Expr.inOrder (y :: List.map bars.Of Given.leaves)
                    let seen = HashSet<Expr>(HashIdentity.Reference)

                    for e in order do
                        for x in Expr.operands e do
                            Expect.isTrue (seen.Contains x) "an operand comes after its user"

                        Expect.isTrue (seen.Add e) "a node comes twice"))
        ]
