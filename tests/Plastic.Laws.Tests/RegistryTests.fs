/// Every rule of the registry keeps the laws of rules.
module Plastic.Laws.RegistryTests

open Expecto
open Plastic.Core

[<Tests>]
let tests = testList "Rules" (Registry.rules |> List.map testsOf)
