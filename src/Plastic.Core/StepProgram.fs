namespace Plastic.Core

/// Where a slot's value comes from.
[<RequireQualifiedAccess>]
type Source =
    /// The batch, by name.
    | Data of string
    /// A state at the start of the step.
    | State of string
    /// A vector parameter.
    | Parameter of string
    /// One number in every element.
    | Constant of float
    /// What the executor hands to the backward list: the cotangent of a next state or of a synapse's update.
    | Cotangent of string
    /// An instruction.
    | Computed

/// A vector of the step; slots are written once.
type Slot = { Length: int; Source: Source }

/// What an instruction computes; operands are slot numbers. An operand of Zip that has length 1 counts for every
/// element.
type Compute =
    | Map of Unary * x: int
    | Zip of Binary * a: int * b: int
    | Sum of x: int
    | Dot of a: int * b: int
    | Broadcast of x: int
    | Slice of x: int * start: int
    | Concat of pieces: int[]
    /// (W + F)ᵀ x of a synapse by number.
    | Apply of synapse: int * x: int
    /// (W + F) v.
    | ApplyT of synapse: int * v: int

    /// The slots read.
    member c.Operands =
        match c with
        | Map(_, x)
        | Sum x
        | Broadcast x
        | Slice(x, _)
        | Apply(_, x)
        | ApplyT(_, x) -> [| x |]
        | Zip(_, a, b)
        | Dot(a, b) -> [| a; b |]
        | Concat pieces -> pieces

type Instruction = { Target: int; Compute: Compute }

/// Two slots that stand for the outer product p ⊗ q.
[<Struct>]
type Pair = { P: int; Q: int }

/// The slots of an update's operands, or of their cotangents; −1 where there is nothing.
type UpdateSlots =
    {
        /// Of length 1, or a value per output.
        Keep: int
        Rate: int
        EligibilityKeep: int
        EligibilityRate: int
        Pairs: Pair[]
    }

    /// Of a synapse that does not learn.
    static member Nothing =
        {
            Keep = -1
            Rate = -1
            EligibilityKeep = -1
            EligibilityRate = -1
            Pairs = [||]
        }

/// A synapse in a Program.
type ProgramSynapse =
    {
        Matrix: Matrix
        /// Number of the parameter W [n, m].
        Weight: int
        /// Number of the parameter α [n, m]; −1 for α = 1.
        Alpha: int
        /// What the update reads (Update in Step.fs says what it is).
        Update: UpdateSlots
        Bound: Bound
        /// Where the executor puts the update's adjoint before it runs the backward list. With T̄' the cotangent of F', or of
        /// H' where α stands outside, zero where the bound held, and A = α∘T̄' or, outside, T̄':
        /// keep̄ = T̄'∘(F or H), summed as keep's length asks; ratē = ⟨A, D⟩; then F̄ or H̄ = keep∘T̄'.
        /// Without eligibility D = Σ p⊗q: p̄ = rate·A q, q̄ = rate·Aᵀp. With it D = E, and E' has a cotangent of its own, Ē':
        /// p̄ = rateₑ·Ē'q, q̄ = rateₑ·Ē'ᵀp, keepₑ̄ = ⟨Ē', E⟩, rateₑ̄ = ⟨Ē', Σ p⊗q⟩; then Ē = keepₑ·Ē' + rate·A.
        Bars: UpdateSlots
        /// What the backward list then adds to W̄ and F̄: G = Σ p ⊗ q. Where α stands outside, H̄ takes α∘G, and ᾱ H∘G.
        Gradient: Pair[]
    }

    member s.IsPlastic = s.Update.Keep >= 0
    member s.HasEligibility = s.Update.EligibilityKeep >= 0

/// A carried vector: its slots at entry and exit of the step, and the cotangents of both (−1: not needed, or zero).
type ProgramState =
    {
        Name: string
        Length: int
        Entry: int
        Next: int
        NextBar: int
        EntryBar: int
    }

/// A vector parameter: its slot and the slot of what one step adds to its gradient (−1 for nothing).
type ProgramVector =
    {
        Parameter: int
        Slot: int
        Gradient: int
    }

type ProgramOutput = { Name: string; Slot: int }

/// One step and its adjoint as two flat lists: all that an executor needs to know. Executors run Forward for
/// t = 0 .. T−1, applying the synapses' updates at the end of each step; then, for the gradient, t = T−1 .. 0: the updates'
/// adjoints, Backward, and the pairs into W̄ and F̄.
type StepProgram =
    {
        Slots: Slot[]
        Forward: Instruction[]
        Backward: Instruction[]
        Synapses: ProgramSynapse[]
        States: ProgramState[]
        Vectors: ProgramVector[]
        Outputs: ProgramOutput[]
        /// The slot of the step's loss, a scalar.
        Loss: int
        Parameters: Parameter[]
        /// Episodes in a batch: the step's losses are means over this many, so executors take no other number.
        Batch: int
        /// For each slot whether its forward value is needed after the forward pass.
        Kept: bool[]
        /// For each computed slot the number of the instruction of its own list that reads it last; Int32.MaxValue when
        /// it is read after the list has ended, −1 when it is never read there.
        LastUse: int[]
    }
