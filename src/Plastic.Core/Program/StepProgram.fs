namespace Plastic.Core

open System

/// Where a slot's value comes from.
[<RequireQualifiedAccess>]
type internal Source =
    /// The batch, by name.
    | Data of string
    /// A state at the start of the step.
    | State of string
    /// A vector parameter.
    | Parameter of string
    /// The same number in every element.
    | Constant of float
    /// A cotangent that the executor passes to the backward list: of a next state or of a synapse's update.
    | Cotangent of string
    /// An instruction.
    | Computed

/// A vector of the step; slots are written once.
type internal Slot = { Length: int; Source: Source }

/// An instruction and the slot that it writes.
type internal Instruction =
    {
        Target: int
        /// On slots and on synapses by number.
        Operation: Operation<int, int>
        /// The operands that this list computed and that nothing reads after this instruction: their memory can be reused.
        LastReads: int[]
    }

/// Two vectors that stand for the outer product p ⊗ q, each by its slot.
[<Struct>]
type internal Pair<'slot> = { P: 'slot; Q: 'slot }

/// keep and rate of an eligibility trace.
type internal EligibilityOperands<'slot> = { Keep: 'slot; Rate: 'slot }

/// What an update (Update in Step.fs) reads: expressions, their slots, or the slots of their cotangents.
type internal UpdateOperands<'slot> =
    {
        /// Length 1, or one value per output.
        Keep: 'slot
        Rate: 'slot
        Eligibility: EligibilityOperands<'slot> voption
        Pairs: Pair<'slot>[]
    }

    /// In the order of Update.Operands.
    member u.All: 'slot[] =
        [|
            u.Keep
            u.Rate
            match u.Eligibility with
            | ValueSome e ->
                e.Keep
                e.Rate
            | ValueNone -> ()
            for pair in u.Pairs do
                pair.P
                pair.Q
        |]

[<RequireQualifiedAccess>]
module internal UpdateOperands =
    /// The operands of an update as expressions.
    let ofUpdate (u: Update) : UpdateOperands<Expr> =
        {
            Keep = u.Keep
            Rate = u.Rate
            Eligibility =
                match u.Eligibility with
                | Some e -> ValueSome { Keep = e.Keep; Rate = e.Rate }
                | None -> ValueNone
            Pairs = u.Pairs |> List.map (fun (p, q) -> { P = p; Q = q }) |> Array.ofList
        }

    /// Applies f to each operand, in the order of All.
    let map (f: 'a -> 'b) (u: UpdateOperands<'a>) : UpdateOperands<'b> =
        let keep = f u.Keep
        let rate = f u.Rate

        let eligibility: EligibilityOperands<'b> voption =
            match u.Eligibility with
            | ValueSome e ->
                let keep = f e.Keep
                ValueSome { Keep = keep; Rate = f e.Rate }
            | ValueNone -> ValueNone

        {
            Keep = keep
            Rate = rate
            Eligibility = eligibility
            Pairs =
                u.Pairs
                |> Array.map (fun pair ->
                    let p = f pair.P
                    { P = p; Q = f pair.Q })
        }

/// How a synapse's fast weights change at the end of a step (Update in Step.fs gives the equation), and the adjoint of that.
type internal SynapseUpdate =
    {
        Bound: Bound
        /// What the update reads.
        Operands: UpdateOperands<int>
        /// Where the executor writes the update's adjoint before it runs the backward list; null where nothing reads it. With
        /// T̄' the cotangent of F', or of H' where α is outside, zero where the bound is active, and A = α∘T̄' or, outside, T̄':
        /// keep̄ = T̄'∘(F or H), summed as keep's length asks; ratē = ⟨A, D⟩; then F̄ or H̄ = keep∘T̄'.
        /// Without eligibility D = Σ p⊗q: p̄ = rate·A q, q̄ = rate·Aᵀp. With it D = E, and E' has a cotangent of its own, Ē':
        /// p̄ = rateₑ·Ē'q, q̄ = rateₑ·Ē'ᵀp, keepₑ̄ = ⟨Ē', E⟩, rateₑ̄ = ⟨Ē', Σ p⊗q⟩; then Ē = keepₑ·Ē' + rate·A.
        Bars: UpdateOperands<Nullable<int>>
    }

/// A synapse in a Program.
type internal ProgramSynapse =
    {
        Matrix: Matrix
        /// Number of the parameter W [n, m].
        Weight: int
        /// Number of the parameter α [n, m]; null for α = 1.
        Alpha: Nullable<int>
        /// None for a synapse that does not learn.
        Update: SynapseUpdate voption
        /// What the backward list adds to W̄ and F̄: G = Σ p ⊗ q. Where α is outside, α∘G is added to H̄, and H∘G to ᾱ.
        Gradient: Pair<int>[]
    }

    member s.IsPlastic = s.Update.IsSome

    member s.HasEligibility =
        match s.Update with
        | ValueSome u -> u.Operands.Eligibility.IsSome
        | ValueNone -> false

    /// Free for a synapse that does not learn.
    member s.Bound =
        match s.Update with
        | ValueSome u -> u.Bound
        | ValueNone -> Bound.Free

/// A carried vector and the slots of its value at the start and at the end of the step.
type internal ProgramState =
    {
        Name: string
        Length: int
        /// Null when the step does not read it.
        Entry: Nullable<int>
        Next: int
        /// The cotangent of Next, which the executor provides; null if nothing reads it.
        NextBar: Nullable<int>
        /// The cotangent of Entry; null when it is zero.
        EntryBar: Nullable<int>
    }

/// Data of the batch whose cotangent was asked for, and the slot of it that one step of the backward list leaves; null when it is
/// zero.
type internal ProgramInput =
    {
        Name: string
        Length: int
        Bar: Nullable<int>
    }

/// A vector parameter: its slot, and the slot of one step's contribution to its gradient; null if there is none.
type internal ProgramVector =
    {
        Parameter: int
        Slot: int
        Gradient: Nullable<int>
    }

/// A named value of the step that a caller may read.
type internal ProgramOutput = { Name: string; Slot: int }

/// One step and its adjoint as two flat lists: everything that an executor needs. Executors run Forward for
/// t = 0 .. T−1, applying the synapses' updates at the end of each step; then, for the gradient, t = T−1 .. 0: the updates'
/// adjoints, Backward, and the pairs into W̄ and F̄.
type StepProgram =
    internal
        {
            Slots: Slot[]
            Forward: Instruction[]
            Backward: Instruction[]
            Synapses: ProgramSynapse[]
            States: ProgramState[]
            /// The data whose cotangents executors hand out; none where nobody asked.
            Inputs: ProgramInput[]
            Vectors: ProgramVector[]
            Outputs: ProgramOutput[]
            /// The slot of the step's loss, a scalar.
            Loss: int
            Parameters: Parameter[]
            /// Episodes in a batch. The step's losses are means over this many, so executors accept no other batch size.
            Batch: int
            /// For each slot whether its forward value is needed after the forward pass.
            Kept: bool[]
        }
