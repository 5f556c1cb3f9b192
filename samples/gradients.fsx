// Checks the gradient of an unrolled plastic episode, first and second derivatives, against central differences: dotnet fsi gradients.fsx
#r "nuget: Plastic.Core, 0.1.0"

open Plastic.Core

for rule in [ Rules.Hebbian.rule; Rules.Gradient.rule; Rules.Oja.rule ] do
    let options =
        { NetworkOptions.Default with
            Rule = rule
            Inputs = 2
            Hidden = 3
        }

    let checks = Gradchecks.Unrolled(PlasticNetwork options, 2, 1)
    let passed = checks |> Seq.filter _.Passed |> Seq.length
    printfn $"%-10s{rule.Name} {passed} of {checks.Count} derivatives within their bounds"
