// The F# of docs/guide/own-rule.md, word for word (GuideTests.cs holds the guide to it); GuideLaws.fs holds it to what the
// guide says.
namespace Plastic.Guide

open Plastic.Core

/// The covariance rule: a connection grows where pre and post are both above, or both below, the average unit of their
/// layer at this step, and shrinks where one is above and the other below. Biases do not learn.
module Covariance =
    /// x − mean(x), of x's length.
    let centred (x: Expr) : Expr =
        x - Expr.broadcast x.Length (Expr.mean x)

    let private directions (seen: Plasticity) : Direction list =
        seen.Layers
        |> List.map (fun layer ->
            {
                Pairs = [ centred layer.Pre, centred layer.Post ]
                Bias = Expr.zero layer.Post.Length
            })

    let rule: Rule =
        {
            Name = "covariance"
            Summary = "local: how far pre and post are from the average unit"
            Equation = "G = (pre − mean pre) ⊗ (post − mean post)"
            Source = "after Sejnowski 1977, with means over units instead of means over time"
            LearnsBiases = false
            AlphaSpread = 1.0
            NeedsModulator = false
            TraceBound = None
            Settings = Descent.settings
            Parameters = fun _ -> []
            Learn = Some(Descent.along directions)
        }

/// A running average of the same products, with one trained rate η, weighted by α for each connection.
module CovarianceTrace =
    /// The initial value of η.
    let rate =
        RuleSetting.number
            "covariance_rate"
            (0.0, 1.0)
            0.01
            [ 0.2; 0.1 ]
            "initial value of the rate η of the covariance trace"

    let private name = "covariance_trace.eta"

    let private learn (seen: Plasticity) : Learned =
        let eta = Expr.parameter name 1

        let update (layer: Activity) : Update =
            {
                Keep = 1.0 - eta
                Rate = eta
                Pairs = [ Covariance.centred layer.Pre, Covariance.centred layer.Post ]
                Eligibility = None
                Bound = Bound.Free
            }

        HebbianTrace.learned eta eta update seen

    let rule: Rule =
        { Covariance.rule with
            Name = "covariance_trace"
            Summary = "a running average of the covariance rule's products"
            Equation = "F = α∘H, H ← (1 − η)H + η·(pre − mean pre) ⊗ (post − mean post), η trained"
            Settings = [ rate ]
            Parameters = fun values -> [ HebbianTrace.parameter name (values.Value rate) ]
            Learn = Some learn
        }

/// The same trace within a bound, of which a switch decides whether it fades.
module CovarianceBounded =
    /// Bound on the magnitude of each trace.
    let bound =
        RuleSetting.bound "covariance_clip" (1e-6, 1e6) 1.0 [ 0.05; infinity ] "bound on each covariance trace"

    /// Whether traces fade.
    let fades = RuleSetting.switch "covariance_fades" true "let covariance traces fade"

    let private learn (seen: Plasticity) : Learned =
        let eta = Expr.scalar (seen.Value CovarianceTrace.rate)
        let decay = if seen.Value fades then eta else Expr.scalar 0.0

        let update (layer: Activity) : Update =
            {
                Keep = 1.0 - decay
                Rate = eta
                Pairs = [ Covariance.centred layer.Pre, Covariance.centred layer.Post ]
                Eligibility = None
                Bound = Bound.trace (seen.Value bound)
            }

        HebbianTrace.learned eta decay update seen

    let rule: Rule =
        { Covariance.rule with
            Name = "covariance_bounded"
            Summary = "a bounded sum of the covariance rule's products"
            Equation = "F = α∘H, H ← clip((1 − η)H + η·(pre − mean pre) ⊗ (post − mean post), ±c)"
            TraceBound = Some bound
            Settings = [ CovarianceTrace.rate; bound; fades ]
            Learn = Some learn
        }

/// What to ask of a rule before training with it.
module Checks =
    open Plastic.Engine

    /// A small network that learns by the rule, with rates at which plasticity matters.
    let small (rule: Rule) : NetworkOptions =
        { NetworkOptions.Default with
            Rule = rule
            Inputs = 3
            Hidden = 6
            Outputs = 2
            Batch = 2
            RuleValues =
                RuleValues.Default
                    .With(Descent.learningRate, 0.6)
                    .With(Descent.weightDecay, 0.2)
                    .With(CovarianceTrace.rate, 0.2)
        }

    /// A batch of random episodes for it.
    let batch (o: NetworkOptions) (steps: int) : Batch =
        let numbers = RandomStream(Philox.key 0L "guide", 0L, 0)

        let draw width =
            Array.init (o.Batch * steps * width) (fun _ -> numbers.Normal())

        let weight = Array.create steps (1.0 / float steps)
        Batch(o.Batch, steps, o.Inputs, o.Outputs, draw o.Inputs, draw o.Outputs, weight)

    /// The derivative of an episode's loss with respect to each parameter, along a random direction, against central differences.
    let gradients (rule: Rule) : Check list =
        let o = small rule
        let network = PlasticNetwork o
        let batch, parameters = batch o 5, network.InitialValues 0L
        let gradients = network.RunReference(parameters, batch, true).Gradients
        let numbers = RandomStream(Philox.key 0L "directions", 0L, 0)

        [
            for k, p in Seq.indexed network.Parameters do
                let direction = Array.init p.Size (fun _ -> numbers.Normal())

                let loss h =
                    let moved = Array.map2 (fun x d -> x + h * d) parameters[k] direction
                    let parameters = Array.updateAt k moved parameters
                    network.RunReference(parameters, batch, false).Loss

                Gradchecks.Compare(rule.Name, p.Name, 1, loss, Array.sum (Array.map2 (*) gradients[k] direction))
        ]

    /// First and second derivatives of an episode of three steps that is written as one expression.
    let unrolled (rule: Rule) : Check list =
        Gradchecks.Unrolled(PlasticNetwork(small rule), 3, 0L) |> List.ofSeq

    /// A network of one layer, y = tanh(x(W + F) + b), in which the rule acts on F directly: no modulation, no clip, α = 1.
    let bare (rule: Rule) : NetworkOptions =
        { (small rule).With(Descent.norm, infinity) with
            Cell = SingleLayer
            Extra = 0
            Modulation = false
            Alpha = AlphaMode.Fixed
        }

    /// F [n, m] of the first sample after an episode, computed on plain numbers from the layer's y at each step.
    let expected (keep: float) (rate: float) (batch: Batch) (y: float[]) : float[] =
        let centred (x: float[]) =
            let mean = Array.average x
            x |> Array.map (fun value -> value - mean)

        let n, m = batch.Inputs, batch.Outputs

        let learn (fast: float[]) t =
            let pre = centred (batch.Read("input", 0, t).ToArray())
            let post = centred (Array.sub y (t * m) m)
            Array.init (n * m) (fun k -> keep * fast[k] + rate * pre[k / m] * post[k % m])

        Seq.fold learn (Array.zeroCreate (n * m)) (seq { 0 .. batch.Steps - 1 })

    /// The results of an episode, from the reference interpreter and from the engine.
    let run (o: NetworkOptions) (batch: Batch) : Episode * Episode =
        let network = PlasticNetwork o
        let parameters = network.InitialValues 0L
        use engine = new CpuExecutor(network.Program, threads = 2)
        network.RunReference(parameters, batch, false), engine.Run(parameters, batch, false)
