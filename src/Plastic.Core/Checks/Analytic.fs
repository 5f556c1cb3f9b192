namespace Plastic.Core

open System.Collections.Generic

/// The gradients of Backpropagation of Hebbian plasticity in closed form (Miconi 2016, section 3 and appendix), an oracle that
/// shares nothing with Diff. For one layer y = tanh((w + α∘H)ᵀx + b), H ← γH + (1 − γ)·x ⊗ y, and every unit j, time t and
/// connection k of the unit:
///   ∂y_j(t)/∂w_k = (1 − y_j²)·(x_k + Σ_l α_lj x_l ∂H_lj(t)/∂w_k),
///   ∂y_j(t)/∂α_k = (1 − y_j²)·(x_k H_kj + Σ_l α_lj x_l ∂H_lj(t)/∂α_k),
///   ∂y_j(t)/∂b_j = (1 − y_j²)·(1 + Σ_l α_lj x_l ∂H_lj(t)/∂b_j),
///   ∂H_lj(t)/∂· = Σ_{u<t} (1 − γ)γ^{t−1−u} x_l(u) ∂y_j(u)/∂·.
[<RequireQualifiedAccess>]
module internal Analytic =
    /// The largest difference that float64 may make, in units of the largest gradient or of 1.
    let bound = 1e-10

    /// One layer's parameters, w and α [n, m] by rows, b [m]; and γ.
    type private Layer =
        {
            W: float[,]
            Alpha: float[,]
            B: float[]
            Gamma: float
        }

    /// The gradients of Σ_t ⟨c(t), y(t)⟩ by w, α and b, from x(t) and c(t).
    let private closedForm (layer: Layer) (xs: float[][]) (cs: float[][]) =
        let n, m = Array2D.length1 layer.W, Array2D.length2 layer.W

        let wBar, alphaBar, bBar =
            Array2D.zeroCreate n m, Array2D.zeroCreate n m, Array.zeroCreate m

        for j in 0 .. m - 1 do
            // y and its derivatives at all earlier times: by each w, by each α, by b.
            let past = List<struct (float[] * float * float[] * float[] * float)>()

            for t in 0 .. xs.Length - 1 do
                let x = xs[t]

                /// Σ_{u<t} (1 − γ)γ^{t−1−u} x_l(u)·f(u).
                let trace l f =
                    let mutable sum = 0.0

                    for u in 0 .. t - 1 do
                        let weight = (1.0 - layer.Gamma) * layer.Gamma ** float (t - 1 - u)
                        let struct (earlier: float[], _, _, _, _) = past[u]
                        sum <- sum + weight * earlier[l] * f past[u]

                    sum

                let hebb = Array.init n (fun l -> trace l (fun (struct (_, y, _, _, _)) -> y))

                let y =
                    tanh (
                        layer.B[j]
                        + Seq.sum (seq { for l in 0 .. n - 1 -> (layer.W[l, j] + layer.Alpha[l, j] * hebb[l]) * x[l] })
                    )

                let through f =
                    Seq.sum (seq { for l in 0 .. n - 1 -> layer.Alpha[l, j] * x[l] * trace l f })

                let slope = 1.0 - y * y

                let byW =
                    Array.init n (fun k -> slope * (x[k] + through (fun (struct (_, _, w, _, _)) -> w[k])))

                let byAlpha =
                    Array.init n (fun k -> slope * (x[k] * hebb[k] + through (fun (struct (_, _, _, a, _)) -> a[k])))

                let byB = slope * (1.0 + through (fun (struct (_, _, _, _, b)) -> b))
                past.Add(struct (x, y, byW, byAlpha, byB))

                for k in 0 .. n - 1 do
                    wBar[k, j] <- wBar[k, j] + cs[t][j] * byW[k]
                    alphaBar[k, j] <- alphaBar[k, j] + cs[t][j] * byAlpha[k]

                bBar[j] <- bBar[j] + cs[t][j] * byB

        let flat (values: float[,]) = Seq.cast<float> values |> Array.ofSeq
        flat wBar, flat alphaBar, bBar

    /// The same gradients by Diff: of the unrolled episode, and as executors run it.
    let private derived (network: Network) (parameters: float[][]) (batch: Batch) =
        let o = network.Options

        // ⟨c(t), y(t)⟩ for a loss, c being the target.
        let step =
            { network.Step with
                Loss =
                    Expr.dot
                        (Expr.input "target" o.Outputs)
                        (network.Step.Outputs |> List.find (fst >> (=) "output") |> snd)
            }

        let program = Lowering.program step
        let executed = (Interpreter.run program parameters batch true).Gradients
        let loss = Unroll.loss step batch.Steps
        let synapse = step.Synapses.Head
        let slow, rates = Unroll.slow synapse, (Unroll.rates synapse).Value

        let bias =
            Expr.inOrder [ loss ]
            |> List.find (fun e ->
                match e.Node with
                | Node.Parameter name -> name = "input.bias"
                | _ -> false)

        let bars = Diff.vjp [ loss, Expr.scalar 1.0 ] [ bias ] [ slow; rates ]
        let vectors, matrices = Dictionary<string, float[]>(), Dictionary<string, float[]>()

        for p, values in Array.zip program.Parameters parameters do
            vectors[p.Name] <- values
            matrices[p.Name] <- values

        for t in 0 .. batch.Steps - 1 do
            for name in [ "input"; "target"; "weight" ] do
                vectors[Unroll.at name t] <- batch.Read(name, 0, t).ToArray()

        let bindings: Bindings =
            {
                Vectors = vectors
                Matrices = matrices
            }

        let multiplied (m: Matrix) =
            let total = Array.zeroCreate<float>(m.Rows * m.Columns)
            let ps, qs = List.unzip (bars.Pairs m)
            let ps, qs = Evaluate.many bindings (ps @ qs) |> List.splitAt ps.Length

            for p, q in List.zip ps qs do
                Dense.addInto total (Dense.outer p q)

            total

        let byName name =
            executed[program.Parameters |> Array.findIndex (fun p -> p.Name = name)]

        [
            "w", multiplied slow, byName "input.weight"
            "α", multiplied rates, byName "input.weight.alpha"
            "b", Evaluate.one bindings (bars.Of bias), byName "input.bias"
        ]

    /// One check per parameter and derivation, of random layers and episodes that the seed decides; lazily.
    let all (seed: int64) : Check seq =
        seq {
            for case in 0..9 do
                let stream = RandomStream(Philox.key seed "analytic", int64 case, 0)
                let n, m, steps = 1 + stream.Below 8, 1 + stream.Below 8, 2 + stream.Below 19

                let gamma = stream.Uniform(0.1, 0.99)

                let options =
                    { NetworkOptions.Default with
                        Cell = SingleLayer
                        Rule = Rules.Bohp.rule
                        Inputs = n
                        Outputs = m
                        Extra = 0
                        Modulation = false
                        RuleValues = RuleValues.Default.With(Rules.Bohp.gamma, gamma)
                        Batch = 1
                    }

                let network = Network.create options

                let draw count =
                    Array.init count (fun _ -> stream.Normal())

                let parameters =
                    network.Step.Parameters |> List.map (fun p -> draw p.Size) |> Array.ofList

                let batch =
                    Batch(1, steps, n, m, draw (steps * n), draw (steps * m), Array.create steps 1.0)

                let square (values: float[]) =
                    Array2D.init n m (fun k j -> values[k * m + j])

                let index name =
                    network.Step.Parameters |> List.findIndex (fun p -> p.Name = name)

                let layer =
                    {
                        W = square parameters[index "input.weight"]
                        Alpha = square parameters[index "input.weight.alpha"]
                        B = parameters[index "input.bias"]
                        Gamma = gamma
                    }

                let w, alpha, b =
                    closedForm layer (Array.chunkBySize n batch.Input) (Array.chunkBySize m batch.Target)

                let expected = Map.ofList [ "w", w; "α", alpha; "b", b ]

                for name, unrolled, executed in derived network parameters batch do
                    for derivation, found in [ "Diff, unrolled", unrolled; "Diff, as executed", executed ] do
                        let errors = Array.map2 (fun x y -> abs (x - y)) expected[name] found
                        let largest = expected[name] |> Array.map abs |> Array.max

                        {
                            Group = $"closed form × {derivation}"
                            Name = $"[{n} × {m}], {steps} steps, {name}"
                            Order = 1
                            Difference = largest
                            Error = Array.max errors
                            Bound = bound * max 1.0 largest
                        }
        }
        |> Seq.sortBy _.Group
