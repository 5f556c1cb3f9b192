/// Settings: any input gives values or faults, never an exception.
module Plastic.Laws.SettingsLaws

open System
open System.Text.Json
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Settings
open Plastic.Tasks

/// A text that the field accepts.
let private good (field: Field) =
    match field.Kind with
    | Wholes(low, high) ->
        gen {
            let! share = Gen.choose (0, 1000)
            return (Whole(low + (high - low) * int64 share / 1000L)).Text
        }
    | Numbers(low, high) ->
        gen {
            let! share = Gen.choose (0, 1_000_000)
            return (Number(low + (high - low) * float share / 1e6)).Text
        }
    | Bounds(low, high) ->
        gen {
            let! share = Gen.choose (0, 1000)
            // Evenly over the orders of magnitude.
            let! text =
                Gen.elements [ (Number(low * (high / low) ** (float share / 1000.0))).Text; "none" ]

            return text
        }
    | Switches -> Gen.elements [ "true"; "false" ]
    | Words words
    | Names words -> Gen.elements words

/// Some settings with texts that they accept.
let internal choices =
    gen {
        let! fields = Gen.subListOf Fields.all

        return!
            fields
            |> List.map (fun field -> good field |> Gen.map (fun text -> field.Name, text))
            |> Gen.sequenceToList
    }

let private join (key, text) = $"{key}={text}"

let internal parsed choices =
    match Configuration.parse Library.BuiltIn (List.map join choices) with
    | Ok overrides -> overrides
    | Error faults -> failwith $"{faults |> List.map _.Message}"

/// Typing mistakes, and worse.
let private nasty =
    [
        "0"
        "-0"
        "-1"
        "1e999"
        "-1e999"
        "NaN"
        "nan"
        "Infinity"
        "∞"
        "99999999999999999999999999"
        "1,5"
        "1.5"
        "0x10"
        ""
        " "
        "unknown"
        "none"
        "true"
        "'"
        "\n"
        "\u0000"
        String('9', 5000)
        "a=b"
    ]

[<Tests>]
let tests =
    testList
        "Settings"
        [
            testCase "settings print as texts that read back as the same settings" (fun () ->
                Law.holds "round trip"
                <| Prop.forAll (Arb.fromGen choices) (fun choices ->
                    let settings = Configuration.apply (parsed choices) RunSettings.Default

                    let again =
                        Configuration.apply (parsed (Configuration.texts settings)) RunSettings.Default

                    Expect.equal again settings "again"
                    Expect.equal (Configuration.json again) (Configuration.json settings) "Configuration.json again"))

            testCase "config.json is JSON with every setting in order, and differs for different settings" (fun () ->
                Law.holds "json"
                <| Prop.forAll (Arb.fromGen (Gen.two choices)) (fun (a, b) ->
                    let settings choices =
                        Configuration.apply (parsed choices) RunSettings.Default

                    let a, b = settings a, settings b
                    use document = JsonDocument.Parse(Configuration.json a)
                    let keys = [ for key in document.RootElement.EnumerateObject() -> key.Name ]
                    Expect.sequenceEqual keys (Fields.all |> List.map _.Name) "keys"

                    Expect.equal
                        (Configuration.json a = Configuration.json b)
                        (a = b)
                        "Configuration.json a = Configuration.json b"))

            testCase
                "every setting turns every text into a value that reads back, or into a fault on one line"
                (fun () ->
                    for field in Fields.all do
                        for text in nasty do
                            match Configuration.parse Library.BuiltIn [ join (field.Name, text) ] with
                            | Ok [ given ] ->
                                for value in given.Values do
                                    Expect.equal
                                        (Field.parse field value.Text)
                                        (Ok value)
                                        "Field.parse field value.Text"

                                Expect.equal
                                    given.Values.Length
                                    (1 + Seq.length (text |> Seq.filter ((=) ',')))
                                    "given.Values.Length"

                                Configuration.conflicts (Configuration.apply [ given ] RunSettings.Default)
                                |> ignore
                            | Ok other -> failtest $"{other.Length} values from one text"
                            | Error [ fault ] ->
                                Expect.isFalse (fault.Message.Contains "\n") "fault.Message"
                                Expect.inRange fault.Message.Length 10 300 "fault.Message.Length"
                                Expect.equal fault.IsUsage (field.Kind.IsNames) "fault.IsUsage"
                            | Error faults -> failtest $"{faults.Length} faults from one text")

            testCase "the ends of a range belong to it, and values beyond them do not" (fun () ->
                let takes (field: Field) (value: Value) = (Field.parse field value.Text).IsOk

                for field in Fields.all do
                    match field.Kind with
                    | Wholes(low, high) ->
                        Expect.equal
                            ([ low - 1L; low; high; high + 1L ] |> List.map (Whole >> takes field))
                            [ false; true; true; false ]
                            "[ low - 1L; low; high; high + 1L ] |> List.map (Whole >> takes field)"
                    | Numbers(low, high)
                    | Bounds(low, high) ->
                        Expect.equal
                            ([ Math.BitDecrement low; low; high; Math.BitIncrement high ]
                             |> List.map (Number >> takes field))
                            [ false; true; true; false ]
                            "[ Math.BitDecrement low; low; high; Math.BitIncrement high ] |> List.map (Number >> takes…"
                    | Switches
                    | Words _
                    | Names _ -> ())

            testCase "all faults are reported" (fun () ->
                let bad =
                    [
                        "hiden=3"
                        "hidden=-1"
                        "lr=NaN"
                        "rule=hebian"
                        "word"
                        "=3"
                        "batch=0"
                        "cell="
                    ]

                Law.holds "gathered"
                <| Prop.forAll (Arb.fromGen (Gen.subListOf bad)) (fun bad ->
                    match Configuration.parse Library.BuiltIn ("p_lr=0.2" :: bad) with
                    | Ok _ -> bad.IsEmpty
                    | Error faults -> faults.Length = bad.Length))

            testCase "a setting given twice is a fault" (fun () ->
                match Configuration.parse Library.BuiltIn [ "hidden=3"; "hidden=3" ] with
                | Error [ Repeated "hidden" ] -> ()
                | other -> failtest $"{other}")

            testCase "a name with one wrong letter is recognised" (fun () ->
                for name in Fields.all |> List.map _.Name |> List.filter (fun name -> name.Length > 2) do
                    for at in 0 .. name.Length - 1 do
                        let wrong = name.Remove(at, 1).Insert(at, "#")
                        Expect.equal (Nearest.distance name wrong) 1 "Nearest.distance name wrong"

                        match Fields.find Library.BuiltIn wrong with
                        | Error(UnknownKey(_, Some meant)) ->
                            Expect.equal (Nearest.distance meant wrong) 1 "Nearest.distance meant wrong"
                        | other -> failtest $"{wrong}: {other}")

            testCase "every setting has a name of its own, and a rule cannot declare one that is taken" (fun () ->
                let names = Fields.all |> List.map _.Name
                Expect.sequenceEqual names (List.distinct names) "names"

                let declared name =
                    RuleSetting.number name (0.0, 1.0) 0.5 [] "help" :> RuleSetting

                Expect.hasLength
                    (Fields.table Library.BuiltIn [ declared "my_setting" ])
                    (names.Length - Registry.settings.Length + 1)
                    "one more"

                for name in [ "hidden"; "noise"; "seed" ] do
                    let raised =
                        Expect.raises<InvalidOperationException>(fun () ->
                            Fields.table Library.BuiltIn [ declared name ] |> ignore)

                    Expect.stringContains raised.Message $"cannot be called {name}" name)

            testCase "the distance of names is a metric" (fun () ->
                let names =
                    Gen.elements [ 'a'; 'b'; 'c' ] |> Gen.listOf |> Gen.map (Array.ofList >> String)

                Law.holds "metric"
                <| Prop.forAll (Arb.fromGen (Gen.three names)) (fun (a, b, c) ->
                    let d = Nearest.distance
                    (d a b = 0) = (a = b) && d a b = d b a && d a c <= d a b + d b c))
        ]
