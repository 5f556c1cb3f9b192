namespace Plastic.Core

open System.Collections.Generic
open System.Runtime.InteropServices

/// The rules by name, for C#.
[<AbstractClass; Sealed>]
type RuleBook =
    /// Every registered rule.
    static member All: IReadOnlyList<Rule> = ResizeArray Registry.rules

    /// Finds a rule by its name.
    static member TryFind(name: string, [<Out>] rule: byref<Rule>) : bool =
        match Registry.tryFind name with
        | Some found ->
            rule <- found
            true
        | None -> false

/// A network ready to run, for C#: from options to a StepProgram and initial parameters.
/// Raises OptionsException if the options are invalid.
[<Sealed>]
type PlasticNetwork(options: NetworkOptions) =
    let network = Network.create options
    let program = Lowering.program network.Step

    /// The options it was built from.
    member _.Options = options
    /// The description, for F# callers.
    member _.Network = network
    /// What executors run.
    member _.Program = program
    /// Names, shapes and initial distributions of the parameters, in the Program's order.
    member _.Parameters: IReadOnlyList<Parameter> = program.Parameters

    /// Initial values, one array per parameter; the same seed gives the same values.
    member _.InitialValues(seed: int64) : float[][] = Initialise.all seed program.Parameters

    /// Runs a batch in the reference interpreter (float64). `parameters` as from InitialValues.
    member _.RunReference(parameters: float[][], batch: Batch, wantGradient: bool) : Episode =
        Interpreter.run program parameters batch wantGradient

/// Gradient checks, for C#.
[<AbstractClass; Sealed>]
type Gradchecks =
    /// Every check, computed on demand, group by group; points and directions are drawn from the seed.
    static member All(seed: int64) : IEnumerable<Check> = GradcheckCases.all seed

    /// The closed-form gradients of Backpropagation of Hebbian plasticity against Diff's.
    static member Analytic(seed: int64) : IEnumerable<Check> = Analytic.all seed
