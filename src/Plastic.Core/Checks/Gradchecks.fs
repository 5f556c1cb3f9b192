namespace Plastic.Core

open System
open System.Collections.Generic

/// Gradient checks, for C#.
[<AbstractClass; Sealed>]
type Gradchecks =
    /// Every check of the program's own operations, rules and cells, computed on demand, group by group; points and
    /// directions are drawn from the seed.
    static member All(seed: int64) : IEnumerable<Check> = GradcheckCases.all seed

    /// The checks of one rule with every cell, also of a rule that has no name in the rule book.
    static member OfRule(rule: Rule, seed: int64) : IEnumerable<Check> = GradcheckCases.ofRule seed rule

    /// The gradients of episodes that something else computes in float32, of one rule with every cell, computed on demand: they are compared
    /// with differences of the loss in float64.
    static member OfGradients
        (rule: Rule, seed: int64, gradients: Func<PlasticNetwork, float[][], Batch, float[][]>)
        : IEnumerable<Check> =
        GradcheckCases.elsewhere seed rule (fun network parameters batch ->
            gradients.Invoke(PlasticNetwork network.Options, parameters, batch))

    /// The closed-form gradients of Backpropagation of Hebbian plasticity (Miconi 2016) against Diff's.
    static member Analytic(seed: int64) : IEnumerable<Check> = Analytic.all seed

    /// Compares a derivative at 0 with central differences of f there. Group, name and order are those of the check.
    static member Compare(group: string, name: string, order: int, f: Func<float, float>, derivative: float) : Check =
        Gradcheck.compare group name order f.Invoke derivative

    /// First and second derivatives of the loss of one episode of so many steps, written as one expression, with respect to
    /// everything it depends on. Its size grows with the square of the steps. Raises ArgumentException if an update of the
    /// network has a bound.
    static member Unrolled(network: PlasticNetwork, steps: int, seed: int64) : IReadOnlyList<Check> =
        let loss = Unroll.loss network.Step steps

        ResizeArray(Gradcheck.expression seed network.Options.Rule.Name "unrolled" (Gradcheck.variables [ loss ]) loss)
