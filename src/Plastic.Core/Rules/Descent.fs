namespace Plastic.Core

/// The direction G in which one layer learns at a step, before η and α.
type Direction =
    {
        /// Of F: Σ p ⊗ q, p [n], q [m].
        Pairs: (Expr * Expr) list
        /// Of f, [m].
        Bias: Expr
    }

/// From directions to updates (Duan et al. 2023, section 3.3): the directions' common norm is bounded, scaled by η and α,
/// and what was learned before decays by λ: F ← (1 − λ)F + η·min(1, clip/‖G‖)·α∘G, and f likewise. η and λ are p·2σ(m) where
/// the network modulates itself.
[<RequireQualifiedAccess>]
module Descent =
    /// p_lr.
    let learningRate =
        RuleSetting.number "p_lr" (0.0, 1000.0) 0.1 [ 0.6; 0.05; 1.0 ] "inner learning rate: η = p_lr·2σ(m), or p_lr"

    /// p_wd.
    let weightDecay =
        RuleSetting.number "p_wd" (0.0, 1000.0) 0.1 [ 0.2; 0.0; 0.4 ] "inner weight decay: λ = p_wd·2σ(m), or p_wd"

    /// Bound on the norm of all directions of a sample together.
    let norm =
        RuleSetting.bound
            "clip"
            (1e-15, 1e15)
            1.0
            [ 0.02; 1e-3; 100.0; infinity ]
            "bound on the joint norm of a sample's directions"

    /// Bound on the magnitude of each fast weight.
    let weightBound =
        RuleSetting.bound
            "weight_clip"
            (1e-15, 1e15)
            infinity
            [ 0.004; 0.05 ]
            "bound on the magnitude of each fast weight"

    /// All that a rule with directions reads.
    let settings: RuleSetting list = [ learningRate; weightDecay; norm; weightBound ]

    /// ‖Σ p⊗q‖² of a direction and its bias part, from dot products alone.
    let private squaredNorm (d: Direction) =
        let cross =
            [
                for p, q in d.Pairs do
                    for p', q' in d.Pairs -> Expr.dot p p' * Expr.dot q q'
            ]

        List.fold (+) (Expr.dot d.Bias d.Bias) cross

    /// min(1, bound/norm) as bound/√max(norm², bound²): it and its derivative are finite at norm 0, where the published
    /// form is not.
    let private clipping (bound: float) (norm2: Expr) =
        if System.Double.IsPositiveInfinity bound then
            Expr.scalar 1.0
        else
            Expr.scalar bound / Expr.sqrt (Expr.max norm2 (Expr.scalar (bound * bound)))

    /// η and λ of a step.
    let rates (seen: Plasticity) : Expr * Expr =
        let modulated (rate: float) =
            match seen.Modulator with
            | Some m -> Expr.scalar (2.0 * rate) * Expr.sigmoid m
            | None -> Expr.scalar rate

        modulated (seen.Value learningRate), modulated (seen.Value weightDecay)

    /// What a rule learns that gives directions, one per layer and in their order.
    let along (directions: Plasticity -> Direction list) (seen: Plasticity) : Learned =
        let clip = seen.Value weightBound
        let eta, decay = rates seen
        let directions = directions seen
        let norm2 = directions |> List.map squaredNorm |> List.fold (+) (Expr.scalar 0.0)
        let rate = eta * clipping (seen.Value norm) norm2
        let keep = 1.0 - decay

        let learning (layer: Activity) (direction: Direction) =
            let moved =
                Expr.scale keep layer.FastBias
                + Expr.scale rate (layer.BiasAlpha * direction.Bias)

            {
                Update =
                    {
                        Keep = keep
                        Rate = rate
                        Pairs = direction.Pairs
                        Eligibility = None
                        Bound = Bound.weights clip
                    }
                Bias = Some(Expr.clamp clip moved)
            }

        {
            Layers = List.map2 learning seen.Layers directions
            Rate = eta
            Decay = decay
        }
