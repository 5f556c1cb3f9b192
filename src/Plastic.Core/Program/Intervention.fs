namespace Plastic.Core

open System

/// What is done to a network while an episode runs, to see what its fast weights are for. Steps are counted from 0; fast weights are
/// F with the fast bias f, and the traces behind F (H where F = α∘H, and the eligibility trace E). PlasticNetwork.Under applies
/// interventions to a batch.
[<RequireQualifiedAccess>]
type Intervention =
    /// Nothing changes: the updates at the ends of all steps from `step` on are left out, so that the fast weights stay as they are at
    /// its start.
    | FrozenFrom of step: int
    /// All fast weights are 0 at the start of `step`; they go on changing from there.
    | FastWeightsReset of step: int
    /// All states that are not fast weights (h; c of an LSTM) are 0 at the start of `step`.
    | StatesReset of step: int
    /// The fast weights of one layer are 0 throughout: the network as with α = 0 for this layer.
    | WithoutPlasticity of layer: string

/// How interventions reach a step: as gates, data of the batch that are 1 where nothing is done. For each plastic layer, with U the
/// step's own update,
///     F' = keep·(learn·U(F) + (1 − learn)·F),
/// and likewise for E and f; for every other state, h' = carry·h'. Gates of 1 change nothing, to the bit but for the sign of a zero. Every
/// executor runs such a step, as it runs any other.
[<RequireQualifiedAccess>]
module internal Gates =
    /// The data's name in the step.
    let name = "gates"

    /// The names of the plastic layers, in order.
    let private layers (step: Step) =
        step.Synapses
        |> List.choose (fun s -> s.Update |> Option.map (fun _ -> s.Matrix.Name))

    /// learn and keep of each layer, then carry.
    let private width step = 2 * (layers step).Length + 1

    let private gate step at =
        Expr.slice at 1 (Expr.input name (width step))

    /// keep·(learn·changed + (1 − learn)·before)
    let private choose learn keep (changed: Expr) (before: Expr) =
        Expr.scale keep (Expr.scale learn changed + Expr.scale (1.0 - learn) before)

    let private update learn keep (u: Update) : Update =
        let kept (x: Expr) =
            choose learn keep x (Expr.constant x.Length 1.0)

        let rate x = keep * (learn * x)

        { u with
            Keep = kept u.Keep
            Rate = rate u.Rate
            Eligibility =
                u.Eligibility
                |> Option.map (fun e ->
                    {
                        Keep = kept e.Keep
                        Rate = rate e.Rate
                    })
        }

    /// The step with gates. Its outputs are joined by "loss", the step's share of the batch's loss.
    let step (step: Step) : Step =
        let layers = layers step

        let gates layer =
            let k = List.findIndex ((=) layer) layers
            gate step (2 * k), gate step (2 * k + 1)

        let carry = gate step (2 * layers.Length)

        { step with
            Synapses =
                [
                    for s in step.Synapses ->
                        match s.Update with
                        | Some u ->
                            let learn, keep = gates s.Matrix.Name

                            { s with
                                Update = Some(update learn keep u)
                            }
                        | None -> s
                ]
            States =
                [
                    for s in step.States ->
                        match layers |> List.tryFind (fun layer -> s.Name = Network.fastBias layer) with
                        | Some layer ->
                            let learn, keep = gates layer

                            { s with
                                Next = choose learn keep s.Next (Expr.input s.Name s.Next.Length)
                            }
                        | None ->
                            { s with
                                Next = Expr.scale carry s.Next
                            }
                ]
            Outputs = step.Outputs @ [ "loss", step.Loss ]
        }

    /// The gates [T, width] of some interventions in episodes of T steps. Raises ArgumentException where one names no plastic layer, or
    /// a step before the first.
    let values (step: Step) (steps: int) (interventions: Intervention seq) : float[] =
        let layers, width = layers step, width step
        let gates = Array.create (steps * width) 1.0

        let close at from last =
            for t in max 0 from .. min last (steps - 1) do
                gates[t * width + at] <- 0.0

        let since t =
            if t < 0 then
                invalidArg (nameof interventions) $"steps are counted from 0, so there is no step {t}"

            t

        for intervention in interventions do
            match intervention with
            | Intervention.FrozenFrom t ->
                for k in 0 .. layers.Length - 1 do
                    close (2 * k) (since t) steps
            | Intervention.FastWeightsReset t ->
                if since t > 0 then
                    for k in 0 .. layers.Length - 1 do
                        close (2 * k + 1) (t - 1) (t - 1)
            | Intervention.StatesReset t ->
                if since t > 0 then
                    close (2 * layers.Length) (t - 1) (t - 1)
            | Intervention.WithoutPlasticity layer ->
                match List.tryFindIndex ((=) layer) layers with
                | Some k -> close (2 * k) 0 steps
                | None ->
                    let known = String.Join(", ", layers)
                    invalidArg (nameof interventions) $"no plastic layer is called {layer}; there are: {known}"

        gates
