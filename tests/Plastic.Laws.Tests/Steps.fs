namespace Plastic.Laws

open FsCheck
open FsCheck.FSharp
open Plastic.Core

/// How the second synapse of a step learns, with two pairs.
type internal Wide =
    | Absent
    | Factored
    | BoundedWeights
    /// α outside, a keep per output, an eligibility trace.
    | Everything

/// A random step that belongs to none of the networks: a Program must compute what its step means for any step.
type internal StepCase =
    {
        First: Sketch
        Second: Sketch
        /// Outer products in the synapse's update, 0 to 3; −1 for a synapse that does not learn.
        Pairs: int
        /// The bound on F or a trace.
        Bound: Bound
        /// Whether each output has its own keep.
        PerOutput: bool
        /// Whether pairs go into an eligibility trace first.
        Eligible: bool
        /// Whether and how a second synapse [3 × 17] learns.
        Wide: Wide
        /// Whether α is trained, or 1.
        HasAlpha: bool
        Frozen: bool
        /// Whether a state and a pair are products with the synapse and nothing else: their cotangents are then pairs.
        Linear: bool
        Steps: int
        Batch: int
        Seed: int
    }

/// Random steps, and the numbers that go with them.
[<RequireQualifiedAccess>]
module internal Steps =
    let private generate =
        gen {
            let! first = Sketch.any.Generator
            let! second = Sketch.any.Generator
            let! pairs = Gen.choose (-1, 3)

            let! bound =
                Gen.frequency
                    [
                        3, Gen.constant Bound.Free
                        1, Gen.elements [ Bound.Weights 0.2; Bound.Trace 0.2 ]
                    ]

            let! perOutput = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]
            let! eligible = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]

            let! wide =
                Gen.frequency
                    [
                        3, Gen.constant Absent
                        2, Gen.elements [ Factored; BoundedWeights; Everything ]
                    ]

            let! hasAlpha = Gen.elements [ false; true ]
            let! frozen = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]
            let! linear = Gen.elements [ false; true ]
            let! steps = Gen.frequency [ 3, Gen.choose (1, 4); 1, Gen.choose (5, 12) ]
            let! batch = Gen.choose (1, 5)
            let! seed = Given.seeds.Generator

            return
                {
                    First = first
                    Second = second
                    Pairs = pairs
                    Bound = bound
                    PerOutput = perOutput
                    Eligible = eligible
                    Wide = wide
                    HasAlpha = hasAlpha
                    Frozen = frozen
                    Linear = linear
                    Steps = steps
                    Batch = batch
                    Seed = seed
                }
        }

    let private simpler (c: StepCase) =
        seq {
            for first in Sketch.any.Shrinker c.First -> { c with First = first }
            for second in Sketch.any.Shrinker c.Second -> { c with Second = second }

            if c.Pairs >= 0 then
                yield { c with Pairs = c.Pairs - 1 }

            if c.Bound <> Bound.Free then
                yield { c with Bound = Bound.Free }

            if c.PerOutput then
                yield { c with PerOutput = false }

            if c.Eligible then
                yield { c with Eligible = false }

            if c.Wide <> Absent then
                yield { c with Wide = Absent }

            if c.Linear then
                yield { c with Linear = false }

            if c.Steps > 1 then
                yield { c with Steps = c.Steps - 1 }

            if c.Batch > 1 then
                yield { c with Batch = c.Batch - 1 }
        }

    let any = Arb.fromGenShrink (generate, simpler)

    /// The steps whose episode is a closed expression.
    let free =
        let unbounded c =
            { c with
                StepCase.Bound = Bound.Free
                Wide = if c.Wide = Absent then Absent else Factored
            }

        Arb.fromGenShrink (Gen.map unbounded generate, simpler)

    /// 17 columns take two vectors.
    let private wide =
        {
            Name = "wide"
            Rows = Sketch.length
            Columns = 17
        }

    /// The second synapse, from vectors of its sizes and scalars.
    let private wideSynapse (c: StepCase) (pre: Expr) (post: Expr) (scalar: Expr) : Synapse =
        let keeps = Expr.sigmoid post

        {
            Matrix = wide
            Weight = "wide slow"
            Alpha = if c.HasAlpha then Some "wide alpha" else None
            Update =
                Some
                    {
                        Keep = if c.Wide = Everything then keeps else Expr.sigmoid scalar
                        Rate = Expr.tanh scalar
                        Pairs = [ pre, post; Expr.tanh pre, keeps ]
                        Eligibility =
                            if c.Wide = Everything then
                                Some
                                    {
                                        Keep = Expr.sigmoid scalar
                                        Rate = Expr.scalar 0.5
                                    }
                            else
                                None
                        Bound =
                            match c.Wide with
                            | BoundedWeights -> Bound.Weights 0.2
                            | Everything -> Bound.Trace 0.2
                            | Absent
                            | Factored -> Bound.Free
                    }
        }

    /// The step reads data, a state and a parameter, each through several nodes, and computes some things twice and in
    /// another order.
    let step (c: StepCase) : Step =
        let n = Sketch.length

        let leaves () =
            [ Expr.input "input" n; Expr.input "state" n; Expr.parameter "vector" n ]

        let a = Sketch.build Given.constant (leaves ()) c.First
        let b = Sketch.build Given.constant (leaves ()) c.Second
        let product = Expr.apply Sketch.matrix (Expr.input "input" n)
        // A delay line: what one state was at entry is what another is next.
        let error = a + b - Expr.input "target" n + 0.2 * Expr.input "later" n

        let widened = Expr.tanh (Expr.apply wide a)

        let error =
            if c.Wide = Absent then
                error
            else
                error + 0.1 * Expr.applyT wide widened

        let error =
            if c.Linear then
                error + 0.1 * Expr.input "product" n
            else
                error

        let pairs =
            [
                Expr.tanh (a * b),
                if c.Linear then
                    product
                else
                    Expr.tanh (Expr.input "input" n + b)
                Expr.tanh b, Expr.tanh (b * a)
                Expr.input "state" n, Expr.parameter "vector" n
            ]

        let parameter name shape : Plastic.Core.Parameter =
            {
                Name = name
                Shape = shape
                Trained = name <> "slow" || not c.Frozen
                Initial = Initial.Uniform 1.0
            }

        {
            States =
                [
                    {
                        Name = "state"
                        Next = Expr.tanh (b + a + Expr.parameter "vector" n)
                    }
                    {
                        Name = "later"
                        Next = Expr.input "late" n
                    }
                    { Name = "late"; Next = Expr.tanh a }
                    if c.Linear then
                        { Name = "product"; Next = product }
                ]
            Synapses =
                [
                    {
                        Matrix = Sketch.matrix
                        Weight = "slow"
                        Alpha = if c.HasAlpha then Some "alpha" else None
                        Update =
                            if c.Pairs < 0 then
                                None
                            else
                                Some
                                    {
                                        Keep = Expr.sigmoid (if c.PerOutput then a else Expr.sum a)
                                        Rate = Expr.tanh (Expr.sum b)
                                        Pairs = List.truncate c.Pairs pairs
                                        Eligibility =
                                            if c.Eligible then
                                                Some
                                                    {
                                                        Keep = Expr.sigmoid (Expr.sum b)
                                                        Rate = Expr.tanh (Expr.sum (a + b))
                                                    }
                                            else
                                                None
                                        Bound = c.Bound
                                    }
                    }
                    if c.Wide <> Absent then
                        wideSynapse c (Expr.tanh b) widened (Expr.sum a)
                ]
            Outputs = [ "first", a; "second", b ]
            Loss =
                Expr.input "weight" 1
                * Expr.log (Expr.mean (error * error) + Expr.square (Expr.dot a b) + 1.0)
            Parameters =
                [
                    parameter "slow" [| n; n |]
                    parameter "alpha" [| n; n |]
                    parameter "vector" [| n |]
                    parameter "wide slow" [| n; wide.Columns |]
                    parameter "wide alpha" [| n; wide.Columns |]
                ]
            Batch = c.Batch
        }

    /// Parameters and a batch for the step, in numbers of float32.
    let setUp (c: StepCase) =
        let program = Lowering.program (step c)

        let numbers purpose count =
            Numbers.uniform c.Seed purpose count |> Array.map (float32 >> float)

        let size = c.Batch * c.Steps * Sketch.length

        let batch =
            Batch(
                c.Batch,
                c.Steps,
                Sketch.length,
                Sketch.length,
                numbers "input" size,
                numbers "target" size,
                numbers "counted" c.Steps
            )

        program, program.Parameters |> Array.map (fun p -> numbers p.Name p.Size), batch
